// Lines of the scanned tree's files, for reports that show source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/tree_folders.h"

namespace ringfence {

// Where a file lies that reports name: the tree or its build folder, and the path below that; one outside of both has a
// path that begins with "<".
struct DiskPlace {
  const std::string &folder;
  std::string below;
};
DiskPlace disk_place(const std::string &file, const TreeFolders &folders);

// Keeps the last file that it read, so lines are best asked for file by file. Nothing outside the tree and its build
// folder is read.
class SourceLines {
public:
  // `files`: null for no source at all. None is owned.
  SourceLines(const FileSystem *files, const TreeFolders &folders) : files_(files), folders_(folders) {}

  // Without its line break; empty where it cannot be read. `file` as reports name it, lines from 1. Valid until the
  // next call.
  std::string_view line(const std::string &file, unsigned line);

private:
  bool load(const std::string &file);

  const FileSystem *files_;
  const TreeFolders &folders_;
  std::string loaded_, content_;
  std::vector<std::string_view> lines_; // into content_
};

} // namespace ringfence
