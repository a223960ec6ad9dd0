#pragma once

#include <filesystem>
#include <string>

#include <stdlib.h>

#include <catch2/catch.hpp>

namespace ringfence {

// A folder that lives as long as the test case.
struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ringfence-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

} // namespace ringfence
