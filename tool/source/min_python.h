// The oldest Python that a project says it supports.
#pragma once

#include <string>

#include "base/file_system.h"

namespace ringfence {

// The files that may say it, below the project's root, in the order in which they are asked.
inline constexpr const char *min_python_files[] = {"/pyproject.toml", "/setup.cfg", "/setup.py",
                                                   "/Include/patchlevel.h"};

// "3.9", from `requires-python` in pyproject.toml or `python_requires` in setup.cfg or setup.py (none of them is run); of
// CPython's own tree, its version; empty where none of them names a lower bound.
std::string find_min_python(const std::string &root, const FileSystem &files);

} // namespace ringfence
