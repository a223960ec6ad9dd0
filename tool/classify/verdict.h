// One verdict for each object: the first verdict rule whose condition holds, its risks moved by what the evidence says.
#pragma once

#include "classify/classify.h"
#include "classify/context.h"
#include "classify/rule.h"

namespace ringfence {

// An object is listed where some unit defines it; one that is only declared lies in code that was not scanned.
bool in_inventory(const Object &object);

// Fills Context::objects.
void give_verdicts(Context &context, const RuleSet &rules, const ClassifyOptions &options);

// A finding for each object of the inventory with a risk above none under one of the profiles.
std::vector<Finding> verdict_findings(const Context &context, const RuleSet &rules,
                                      const std::vector<Profile> &profiles);

// Stays the same when code moves: hash of rule, path, scope, name and kind.
std::string object_fingerprint(const Rule &rule, const std::string &id, const std::string &kind);

// A rule's message with {name}, {type}, {function} and {because} filled in.
std::string fill_message(const std::string &message, const std::string &name, const std::string &type,
                         const std::string &function, const std::vector<Evidence> &evidence);

} // namespace ringfence
