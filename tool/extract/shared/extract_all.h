// Many units, in processes that are limited and share what their units begin with (shared_parse.h).
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "extract/parse/project_paths.h"
#include "facts/dependencies.h"
#include "facts/facts.h"
#include "source/compile_unit.h"

namespace ringfence {

// What a unit's parse may take; what takes more is a unit that failed. The public trees' largest units take less than a
// twentieth of these.
struct UnitLimits {
  unsigned seconds = 120;    // of processor time
  unsigned mebibytes = 4096; // of memory
};

// How many units are read.
struct ExtractPlan {
  unsigned jobs = 1;         // at once
  bool shared_parse = true;  // what units begin with alike is parsed once, in processes; the facts are the same
  bool dependencies = false; // they are asked for
  UnitLimits limits = {};
  // From so many units on, shared parses leave out functions of intrinsics; to find these costs as much as a unit.
  std::size_t without_intrinsics_from = 64;
};

// The number of a unit, its facts, and every path that was looked for where dependencies are asked for.
using UseFacts = std::function<void(std::size_t, TuFacts, Dependencies)>;

// As extract() for many units, in processes that are limited; hands the facts over one by one, in no particular order.
// Where the system refuses processes, units are read in this one, without limits. Must be called while no other thread
// runs.
void extract_all(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
                 const UseFacts &use);

} // namespace ringfence
