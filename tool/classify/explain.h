// `ringfence explain`: why a rule exists, what a verdict means, and why an object got its own. Plain text for people.
#pragma once

#include <string>
#include <string_view>

#include "classify/classify.h"
#include "report/rule_notes.h"

namespace ringfence {

// What the rule says, why, what to do, an example and its fix.
std::string explain_rule(const RuleSet &rules, const Rule &rule, const std::string &min_python);

// The rules' reasons, for formats that show them.
RuleNotes notes_of(const RuleSet &rules);

// The rules that give this verdict ("object-cache"); empty where none does.
std::string explain_verdict(const RuleSet &rules, std::string_view verdict);

// The verdict and every piece of evidence, of each object whose id or name is `subject` or ends with it: "cache",
// "f():cache", "Class::cache". With `tried` also the rules up to the one that holds, with the first predicate that failed
// in each. Empty where there is no such object.
std::string explain_object(const Program &program, const RuleSet &rules, const ClassifyOptions &options,
                           std::string_view subject, bool tried);

// The findings whose subject is no object and no module, but a member, a type, a function or a call whose id or name is
// `subject` or ends with it, and all, of objects too, that have evidence in a function of that name: "Box::items",
// "traverse", "m.c:traverse". Empty where there are none.
std::string explain_findings(const Report &report, const RuleSet &rules, std::string_view subject);

// Where the functions of that name are, for those in which nothing was found. Empty where there are none.
std::string explain_functions(const Program &program, std::string_view subject);

} // namespace ringfence
