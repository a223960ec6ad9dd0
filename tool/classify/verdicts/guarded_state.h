// What a guard against a second load makes of verdicts.
#pragma once

#include <vector>

#include "classify/index/program_index.h"

namespace ringfence {

// The state of modules that all refuse a second load is of one interpreter at a time: lowers its risk in the worlds of
// several interpreters under one GIL and of repeated initialisation.
void lower_guarded_state(const ProgramIndex &index, std::vector<ReportedObject> &objects);

// Plain data that only exported functions of a C library use, which nothing in a tree of modules calls: medium at most.
void lower_uncalled_state(const ProgramIndex &index, std::vector<ReportedObject> &objects);

} // namespace ringfence
