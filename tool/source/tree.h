// Walks a source tree: which files of C and C++ are in it.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"

namespace ringfence {

struct TreeFiles {
  std::vector<std::string> sources; // root-relative, sorted
  std::vector<std::string> headers; // root-relative, sorted
  std::vector<std::string>
      builds; // setup.py, pyproject.toml, meson.build, config.h.in and the like, root-relative, sorted
  std::vector<std::string> unreadable; // folders that could not be listed, root-relative with a slash at the end
  bool modules = false;                // compiled extension modules lie in it
  std::size_t cython = 0;              // Cython's sources without the C or C++ that Cython makes of them
  std::vector<std::string> skipped;    // folders of builds and virtual environments; links to folders
};

// Folders of version control, caches and package metadata are passed over without a word.
// Symlinked folders are not entered, so that a loop cannot trap the walk; what they lead to inside the root is walked
// anyway.
TreeFiles walk_tree(const std::string &root, const FileSystem &files);

// The folder that a single file belongs to: the nearest one above it that looks like a project's, else its own.
std::string project_folder(const std::string &file, const FileSystem &files);

} // namespace ringfence
