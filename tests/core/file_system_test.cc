#include <catch2/catch.hpp>

#include <fstream>

#include <sys/stat.h>

#include "base/file_system.h"
#include "temporary_folder.h"

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

TEST_CASE("the disk's files are read to their end, whatever size they say they have") {
  const TemporaryFolder folder;
  const DiskFileSystem disk;
  for (const std::size_t size : {0u, 1u, 4096u, 100'001u}) {
    const std::string path = folder.path / std::to_string(size), content(size, 'x');
    std::ofstream(path, std::ios::binary) << content;
    CHECK(disk.read(path) == content);
  }
  CHECK(disk.read("/proc/self/status").value_or("").starts_with("Name:")); // says 0
  CHECK_FALSE(disk.read(folder.path).has_value());
  CHECK_FALSE(disk.read(folder.path / "none").has_value());
}

TEST_CASE("the disk's lists say what an entry is, and follow no link") {
  const TemporaryFolder folder;
  std::ofstream(folder.path / "file");
  std::filesystem::create_directory(folder.path / "folder");
  std::filesystem::create_symlink("folder", folder.path / "link");
  REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
  CHECK(DiskFileSystem().list(folder.path) == std::vector<DirectoryEntry>{{"file", FileType::regular},
                                                                          {"folder", FileType::directory},
                                                                          {"link", FileType::symlink},
                                                                          {"pipe", FileType::other}});
}

} // namespace ringfence
