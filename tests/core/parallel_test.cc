#include <catch2/catch.hpp>

#include <stdexcept>

#include "base/parallel.h"

namespace ringfence {

TEST_CASE("each number is worked on once, by however many threads") {
  for (const std::size_t jobs : {1u, 2u, 8u}) {
    std::vector<std::atomic<int>> times(100);
    for_each_parallel(times.size(), jobs, [&](std::size_t i) { ++times[i]; });
    CHECK(std::all_of(times.begin(), times.end(), [](const auto &each) { return each == 1; }));
  }
}

TEST_CASE("different works all run") {
  int a = 0, b = 0, c = 0;
  run_parallel(
      2, [&] { a = 1; }, [&] { b = 2; }, [&] { c = 3; });
  CHECK((a == 1 && b == 2 && c == 3));
}

TEST_CASE("what work throws on a thread reaches the caller") {
  const auto work = [](std::size_t i) {
    if (i >= 5)
      throw std::runtime_error("five");
  };
  CHECK_THROWS_WITH(for_each_parallel(100, 2, work), "five");
}

} // namespace ringfence
