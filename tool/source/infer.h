// Compile units for a tree that has no compile database. Nothing of the tree is run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "source/compile_unit.h"
#include "source/python.h"
#include "source/tree.h"

namespace ringfence {

struct Inferred {
  std::vector<CompileUnit> units; // without ids
  std::vector<std::string> notes;
  std::set<std::string> possible_macros; // BuildMacros::possible
};

// A unit for each of `sources` (root-relative) that no other file includes.
Inferred infer_units(const std::string &root, const TreeFiles &tree, const std::set<std::string> &sources,
                     const Result<PythonInstallation> &python, const FileSystem &files);

} // namespace ringfence
