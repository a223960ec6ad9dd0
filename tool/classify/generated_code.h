// Code that a generator wrote: which one, and one finding for each of its causes instead of one for each variable.
//
// What a generator keeps in globals is the generator's decision, the same in every module it writes, and has one
// remedy: a newer version, an option, another generator. So its findings are collapsed to one per generator and cause
// (the verdict rule, or the check). What the project itself wrote in the generator's language (a cdef variable at
// module level) stays single.
#pragma once

#include <string>
#include <vector>

#include "classify/program_index.h"
#include "classify/rule.h"
#include "classify/verdicts.h"

namespace ringfence {

// As the tables name it: "cython"; empty for code written by hand.
std::string generator_of(const ProgramIndex &index, Index object);

// By the file's banner alone; empty where it has none.
std::string generator_of_file(const ProgramIndex &index, Index file);

// Whether the generator decided that the object exists, or the project did, in the generator's language.
bool made_by_generator(const Knowledge &tables, const ReportedObject &object);
bool written_by_project(const Knowledge &tables, const ReportedObject &object);

// The object breaks under the profile that the word names. Objects of generators are left to the rules of area 8.
bool at_risk(const ProgramIndex &index, const Verdicts &verdicts, Index object, const std::string &profile, Risk least);

// Replaces the findings that generators cause, and marks the objects at risk of which a finding now speaks. Checks
// must have run.
void collapse_generated(const ProgramIndex &index, const RuleSet &rules, const std::vector<Profile> &profiles,
                        const std::string &min_python, Verdicts &verdicts, std::vector<Finding> &findings);

} // namespace ringfence
