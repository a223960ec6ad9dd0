// A file system with files that differ from, or are not in, another one.
#pragma once

#include <algorithm>

#include "base/file_system.h"
#include "base/path.h"
#include "extract/extract.h"

namespace ringfence {

class EditedFileSystem final : public FileSystem {
public:
  // Both outlive it.
  EditedFileSystem(const FileSystem &below, const EditedFiles &edited) : below_(below), edited_(edited) {}

  Result<std::string> read(const std::string &path) const override {
    const auto found = edited_.find(path);
    return found != edited_.end() ? Result<std::string>(found->second) : below_.read(path);
  }
  FileType type(const std::string &path) const override {
    return edited_.contains(path) ? FileType::regular : below_.type(path);
  }
  Result<std::vector<DirectoryEntry>> list(const std::string &path) const override {
    return below_.list(path).map([&](std::vector<DirectoryEntry> entries) {
      for (const auto &[file, text] : edited_)
        if (const DirectoryEntry entry{std::string(file_name(file)), FileType::regular};
            parent_folder(file) == path && std::ranges::find(entries, entry) == entries.end())
          entries.push_back(entry);
      std::ranges::sort(entries, {}, &DirectoryEntry::name);
      return entries;
    });
  }
  Result<std::string> real_path(const std::string &path) const override {
    return edited_.contains(path) ? Result<std::string>(path) : below_.real_path(path);
  }

private:
  const FileSystem &below_;
  const EditedFiles &edited_;
};

} // namespace ringfence
