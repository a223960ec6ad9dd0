// Where a Python installation keeps its headers, asked of its own sysconfig.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"

namespace ringfence {

struct PythonInstallation {
  std::string executable;            // absolute
  std::string version;               // "3.11"
  std::vector<std::string> includes; // folders with Python.h and pyconfig.h
  std::vector<std::string> packages; // site-packages and its like, where packages bring headers along
};

// Asks `executable` (empty: python3 on PATH), isolated (-I -S), in "/". An interpreter that lies inside `root` is part
// of the scanned tree: it is run only if the user named it.
Result<PythonInstallation> find_python(const std::string &executable, const std::string &root, const FileSystem &files);

} // namespace ringfence
