// One verdict for each object: the first verdict rule whose condition holds, its risks moved by what the evidence says.
#pragma once

#include "classify/classify.h"
#include "classify/program_index.h"
#include "classify/rule.h"

namespace ringfence {

// An object is listed where some unit defines it; one that is only declared lies in code that was not scanned.
bool in_inventory(const Object &object);

// Parallel to the program's objects. Members are declared and get no verdict: findings speak of them.
std::vector<ReportedObject> give_verdicts(const ProgramIndex &index, const RuleSet &rules,
                                          const ClassifyOptions &options);

// Stays the same when code moves: hash of rule, path, scope, name and kind.
std::string object_fingerprint(const Rule &rule, const Subject &subject, const std::string &kind);

// What {name}, {type} and {function} of a rule's texts stand for.
struct Naming {
  std::string name, type, function;
};

// "Constraint::TypeObject", "cache": with classes and namespaces, without the function, which is named apart.
Naming naming_of(const Subject &subject, const std::string &name, const std::string &type);

// A rule's message or advice with its names filled in, and {because} by the first piece of evidence. What is filled in
// stays as it is, braces included.
std::string fill(const std::string &text, const Naming &naming, const std::vector<Evidence> &evidence);

} // namespace ringfence
