// The outside world behind one interface: everything that ringfence reads of a scanned tree comes through here,
// so that tests need no disk and can make the n-th read fail.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

enum class FileType { missing, regular, directory, symlink, other };

struct DirectoryEntry {
  std::string name; // bare name, any bytes
  FileType type;    // of the entry itself: a symlink is not followed
  bool operator==(const DirectoryEntry &) const = default;
};

class FileSystem {
public:
  virtual ~FileSystem() = default;

  // The whole content of a regular file (symlinks are followed).
  virtual Result<std::string> read(const std::string &path) const = 0;
  // Type after following symlinks; `missing` for a dangling one.
  virtual FileType type(const std::string &path) const = 0;
  // Entries of a directory, sorted by name, without "." and "..".
  virtual Result<std::vector<DirectoryEntry>> list(const std::string &path) const = 0;
  // Absolute path with every symlink resolved.
  virtual Result<std::string> real_path(const std::string &path) const = 0;
};

// The machine's file system.
class DiskFileSystem final : public FileSystem {
public:
  Result<std::string> read(const std::string &path) const override;
  FileType type(const std::string &path) const override;
  Result<std::vector<DirectoryEntry>> list(const std::string &path) const override;
  Result<std::string> real_path(const std::string &path) const override;
};

// Files in memory, for tests. Directories exist where a file lies below them; there are no symlinks.
class MemoryFileSystem final : public FileSystem {
public:
  explicit MemoryFileSystem(std::map<std::string, std::string> files) : files_(std::move(files)) {}

  // The n-th read from now on (counted from 1) fails; 0 lets all reads succeed.
  void fail_read(int n) { fail_in_ = n; }

  Result<std::string> read(const std::string &path) const override;
  FileType type(const std::string &path) const override;
  Result<std::vector<DirectoryEntry>> list(const std::string &path) const override;
  Result<std::string> real_path(const std::string &path) const override;

private:
  std::map<std::string, std::string> files_; // absolute path to content
  mutable int fail_in_ = 0;
};

} // namespace ringfence
