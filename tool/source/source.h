// A path in, the compile units of its tree out: from a compile database, a captured one, or by inference.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "base/tree_folders.h"
#include "source/compile_unit.h"
#include "source/worlds.h"

namespace ringfence {

// One --config NAME=FLAGS: the tree once more with other defines.
struct Configuration {
  std::string name;
  std::vector<std::string> flags;
};

struct SourceOptions {
  std::string path = ".";                    // a folder, or one file
  std::string database;                      // --compile-commands FILE or -p DIR; empty: look for one, then infer
  std::vector<std::string> include, exclude; // globs over root-relative paths; empty include: everything
  std::string python;                        // --python EXE; empty: python3
  std::vector<Configuration> configurations;
  std::vector<std::string> extra_arguments; // of every unit, after its own; folders in -I are relative to the root
  std::vector<World> worlds;                // --world: every unit is read in these, too
  bool find_worlds = true; // where none is named: units whose text asks for it are read in newest_worlds()
};

struct SourceTree : TreeFolders {
  std::string database;                  // path of the compile database; empty: arguments were inferred
  std::vector<CompileUnit> units;        // by id; where PATH is a file, its own
  std::vector<CompileUnit> elsewhere;    // inferred, of files that no unit names: for the world of another system
  std::vector<CompileUnit> others;       // where PATH is a file: the rest of its tree's
  std::string single;                    // root-relative, where PATH is a file; else empty
  std::vector<std::string> uncovered;    // C and C++ source files (no headers) that no unit names, root-relative
  std::vector<std::string> builds;       // TreeFiles::builds
  std::set<std::string> possible_macros; // of inferred units: what a build may define besides
  std::vector<std::string> notes;        // what was inferred, dropped or not found, one sentence each
};

Result<SourceTree> load_tree(const SourceOptions &options, const FileSystem &files);

} // namespace ringfence
