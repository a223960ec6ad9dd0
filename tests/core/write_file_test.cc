#include <filesystem>

#include <catch2/catch.hpp>

#include "base/file_system.h"
#include "base/write_file.h"
#include "temporary_folder.h"

namespace ringfence {
TEST_CASE("an output replaces the old one and leaves nothing beside it") {
  const TemporaryFolder folder;
  const std::string file = folder.path / "out";
  REQUIRE(write_file(file, "first"));
  REQUIRE(write_file(file, "second"));
  CHECK(DiskFileSystem().read(file) == "second");
  CHECK(DiskFileSystem().list(folder.path)->size() == 1);
}

TEST_CASE("an output that is a link stays one") {
  const TemporaryFolder folder;
  const std::string file = folder.path / "out", link = folder.path / "link";
  REQUIRE(write_file(file, "old"));
  std::filesystem::create_symlink("out", link);
  REQUIRE(write_file(link, "new"));
  CHECK(std::filesystem::is_symlink(link));
  CHECK(DiskFileSystem().read(file) == "new");
}

TEST_CASE("what cannot be written is an error and leaves nothing") {
  const TemporaryFolder folder;
  CHECK(write_file(folder.path / "none" / "out", "x").error().message.find("No such file") != std::string::npos);
  CHECK(write_file(folder.path, "x").error().message.find("Is a directory") != std::string::npos);
  CHECK(DiskFileSystem().list(folder.path)->empty());
}

TEST_CASE("a full device is an error and stays a device") {
  const auto written = write_file("/dev/full", "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().message == "cannot write /dev/full: No space left on device");
  CHECK(DiskFileSystem().type("/dev/full") == FileType::other);
}

} // namespace ringfence
