// The texts of rules, filled in for one subject.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace ringfence {

// What {name}, {type}, {function}, {ways} and {module} of a rule's texts stand for.
struct Naming {
  std::string name, type, function;
  std::string ways = {};       // RuleSet::ways_text
  std::string module = "NAME"; // without its package; empty where no module reaches the subject
};

// "Constraint::TypeObject", "cache": with classes and namespaces, without the function, which is named apart.
Naming naming_of(const Subject &subject, const std::string &name, const std::string &type);

// "_speedups" of "pkg._speedups", as code can be named by.
std::string last_name(const std::string &module);

// A rule's message or advice with its names filled in, and {because} by the first piece of evidence. What is filled in
// stays as it is, braces included. Without a module, the sentences that name it are left out.
std::string fill(const std::string &whole, const Naming &naming, const std::vector<Evidence> &evidence);

} // namespace ringfence
