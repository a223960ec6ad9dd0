#include <catch2/catch.hpp>

#include "base/file_system.h"

namespace ringfence {

TEST_CASE("a memory file system lists what lies below a folder") {
  const MemoryFileSystem files({{"/t/a.c", "a"}, {"/t/sub/b.c", "b"}, {"/tx/c.c", "c"}});
  CHECK(files.type("/t") == FileType::directory);
  CHECK(files.type("/t/a.c") == FileType::regular);
  CHECK(files.type("/u") == FileType::missing);
  const auto entries = files.list("/t");
  REQUIRE(entries.has_value());
  CHECK(*entries == std::vector<DirectoryEntry>{{"a.c", FileType::regular}, {"sub", FileType::directory}});
}

TEST_CASE("a memory file system fails the n-th read only") {
  MemoryFileSystem files(std::map<std::string, std::string>{{"/a", "1"}});
  files.fail_read(2);
  CHECK(files.read("/a").has_value());
  CHECK_FALSE(files.read("/a").has_value());
  CHECK(files.read("/a").has_value());
}

} // namespace ringfence
