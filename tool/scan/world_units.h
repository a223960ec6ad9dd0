// Which units of a tree are read once more, in which worlds, and what each world's program is made of.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "facts/facts.h"
#include "link/program.h"
#include "report/report.h"
#include "source/source.h"

namespace ringfence {

class Knowledge;

struct ReadWorld {
  World world;
  std::string headers; // the folder of Python's that stand for the build's; empty: none do
};

// What is read besides the build. Ids and configurations of units carry the world's name ("a.c@3.14t"). A world of no
// unit is the same as the build with the GIL, and as the one before it without.
struct WorldUnits {
  std::vector<ReadWorld> worlds; // oldest first
  std::vector<CompileUnit> units;
};

// Without an option: the units whose text asks for a world, in the newest Python with and without the GIL, and those
// with branches that only a macro opens which the build may define. With --world: all units in each of them. A world
// without the GIL leaves out units that do not speak of the GIL, where that Python is read with it: they say the same
// there.
WorldUnits world_units(const SourceOptions &options, const SourceTree &tree, const std::vector<TuFacts> &facts,
                       const FileSystem &files);

// The tree as one world reads it.
struct WorldProgram {
  World world;
  Program program;
  std::size_t units = 0;    // read in it; 0: as WorldUnits says, and `program` is empty
  std::size_t left_out = 0; // of these: code of other systems
};

// `build`: the facts of all units of the tree; `worlds`: of world_units(), `read`: the facts of its units. A unit that
// was not read in a world stands as the same Python with the GIL has it, else as the build does; on Windows, none does.
std::vector<WorldProgram> link_worlds(const std::vector<TuFacts> &build, const std::vector<ReadWorld> &worlds,
                                      std::vector<TuFacts> read, const std::vector<std::string> &uncovered,
                                      const Knowledge &knowledge, unsigned jobs);

// "2 units read also as Python 3.14, with the headers in /usr/include/python3.13", for each world.
std::vector<std::string> notes_on_worlds(const std::vector<ReadWorld> &worlds,
                                         const std::vector<WorldProgram> &programs);

// What other systems alone compile, and was not read in their worlds: "not read: what only macOS compiles ..."
std::vector<std::string> notes_on_systems(const std::vector<ReportedInactive> &inactive,
                                          const std::vector<WorldProgram> &programs);

} // namespace ringfence
