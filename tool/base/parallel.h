// Work over a range of numbers on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <thread>
#include <vector>

namespace ringfence {

// Calls work(i) for each i below `count` on up to `jobs` threads, in no particular order; returns when all are done.
// What the first work throws is thrown on when all threads have ended; then others may not have begun.
template <class Work> void for_each_parallel(std::size_t count, std::size_t jobs, Work work) {
  std::atomic<std::size_t> next = 0;
  std::atomic_flag failed;
  std::exception_ptr error;
  {
    std::vector<std::jthread> workers(std::min(jobs, count));
    for (std::jthread &worker : workers)
      worker = std::jthread([&] {
        try {
          for (std::size_t i; (i = next++) < count;)
            work(i);
        } catch (...) {
          next = count;
          if (!failed.test_and_set())
            error = std::current_exception();
        }
      });
  }
  if (error)
    std::rethrow_exception(error);
}

// Calls each of `works` once on up to `jobs` threads; returns when all are done.
template <class... Work> void run_parallel(std::size_t jobs, Work... works) {
  const std::function<void()> all[] = {works...};
  for_each_parallel(std::size(all), jobs, [&](std::size_t i) { all[i](); });
}

} // namespace ringfence
