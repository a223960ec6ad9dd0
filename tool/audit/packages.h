// Which package installed a file, and what Python imports it as, by the metadata of an environment.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/file_system.h"

namespace ringfence {

struct Installed {
  std::map<std::string, std::string> files;    // absolute path of an installed file: "name version"
  std::map<std::string, std::string> packages; // SITE/NAME of a top-level package or module: the same
  std::set<std::string> sites;                 // folders that Python imports from

  std::string package_of(const std::string &path) const;
  std::string import_folder_of(const std::string &path) const;
};

// Whether a folder of this name holds the metadata of a package: *.dist-info, *.egg-info.
bool is_metadata_folder(std::string_view name);
// Adds what the package of this folder installed: by RECORD, else by top_level.txt.
void read_installed(const FileSystem &files, const std::string &metadata, Installed &installed);

// "lxml." of "lxml/etree.so", a path below a folder that Python imports from; empty for one that lies there itself.
std::string import_folder_of(std::string_view path);

} // namespace ringfence
