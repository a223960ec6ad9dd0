// Files as they are, and which of them could not be read: what was not read may hold anything.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "base/file_system.h"

namespace ringfence {

class UnreadFiles final : public FileSystem {
public:
  explicit UnreadFiles(const FileSystem &files) : files_(files) {}

  Result<std::string> read(const std::string &path) const override {
    Result<std::string> content = files_.read(path);
    if (!content && files_.type(path) == FileType::regular) {
      const std::lock_guard lock(mutex_);
      unread_.insert(path);
    }
    return content;
  }
  FileType type(const std::string &path) const override { return files_.type(path); }
  Result<std::vector<DirectoryEntry>> list(const std::string &path) const override { return files_.list(path); }
  Result<std::string> real_path(const std::string &path) const override { return files_.real_path(path); }

  // Regular files whose reading failed so far.
  const std::set<std::string> &unread() const { return unread_; }

private:
  const FileSystem &files_;
  mutable std::mutex mutex_;
  mutable std::set<std::string> unread_;
};

} // namespace ringfence
