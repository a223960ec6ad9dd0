// A scan as a Ninja file (the Ninja manual, "Ninja file reference"): an edge for each unit, one for the report.
#pragma once

#include <string>
#include <vector>

#include "facts/dependencies.h"

namespace ringfence {

struct NinjaScan {
  std::vector<std::string> extract; // words of the command that writes the Ninja file; absolute program and paths
  std::vector<std::string> merge;   // words that the command which merges takes besides
  std::string file;                 // the Ninja file
  std::string database;             // when it changes, the Ninja file is written again; empty: none
  std::vector<std::string> units;   // ids, in the order of the shards
};

std::string to_ninja(const NinjaScan &scan);

// A rule as of make: `target` rests on those of the paths that hold a file or a listed folder, and on the further ones.
std::string to_depfile(const std::string &target, const std::vector<Dependencies> &units,
                       const std::vector<std::string> &further);

} // namespace ringfence
