// Accesses and calls as one line of text each, so that a test states in one table what a source must yield.
#pragma once

#include <string>
#include <vector>

#include "facts/facts.h"

namespace ringfence {

// "write x.field = call f": kind, object and path, then what applies of
//   "= call f" (stored), "-> f#0" (argument), "const", "alias", "atomic", "tested", "tested:flag", "under api(lock)".
std::string text_of(const TuFacts &facts, const Access &access);
// "f(&x, 0, \"s\", g, NULL, _) tested": callee or "*pointer", arguments, use of the result, "under api(lock)".
std::string text_of(const TuFacts &facts, const Call &call);

// In the order of the facts; of `function` only, unless it is empty.
std::vector<std::string> accesses_of(const TuFacts &facts, const std::string &function = "");
// The same of members that threads may share, which the others leave out.
std::vector<std::string> member_accesses_of(const TuFacts &facts, const std::string &function = "");
std::vector<std::string> calls_of(const TuFacts &facts, const std::string &function = "");

using Lines = std::vector<std::string>;

} // namespace ringfence
