// Compile units from the entries of a database, with the ids that name them in a scan.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "source/compile_unit.h"
#include "source/database.h"

namespace ringfence {

struct DatabaseUnits {
  std::vector<CompileUnit> units;             // of files inside the root or the build folder; without ids
  bool any_in_root = false;                   // some unit lies inside the root
  std::string build;                          // SourceTree::build
  std::size_t outside = 0;                    // entries of files that lie in neither
  std::size_t other_languages = 0;            // entries that compile neither C nor C++
  std::map<std::string, std::size_t> refused; // option to number of entries
};

// Commands of `root` (absolute, resolved), out of a database that lies at `database`.
DatabaseUnits units_of(const std::vector<CompileCommand> &commands, const std::string &root,
                       const std::string &database, const FileSystem &files);

// "path/from/root.c", "<build>/path.c".
std::string unit_file(const CompileUnit &unit, const std::string &root, const std::string &build);

// Removes exact duplicates and gives each unit its id, which does not depend on the order they come in.
void give_ids(std::vector<CompileUnit> &units, const std::string &root, const std::string &build);

} // namespace ringfence
