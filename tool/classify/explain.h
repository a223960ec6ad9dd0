// `ringfence explain`: why a rule exists, and why an object got its verdict. Plain text for people.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "classify/classify.h"

namespace ringfence {

// What the rule says, why, what to do, an example and its fix.
std::string explain_rule(const Rule &rule, const std::string &min_python);

// The rules tried with the first predicate that failed in each, the verdict, and every piece of evidence. `subject` is
// an object's id or name; of several objects with that name each is explained. The error names the nearest spelling.
Result<std::string> explain_object(const Program &program, const RuleSet &rules, const ClassifyOptions &options,
                                   std::string_view subject);

} // namespace ringfence
