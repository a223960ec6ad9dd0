// A migration as tasks of a size for one pull request, in an order in which each lands alone.
#pragma once

#include <string>
#include <vector>

#include "link/program.h"
#include "rewrite/plan.h"

namespace ringfence {

// One file's objects in one stage; or those that stay for one reason, which is work for hands.
struct Task {
  std::string stage, file;          // a module's task and those by hand are of no file
  std::vector<std::string> objects; // ids, or names of modules
  std::vector<std::string> used_by; // as of Moved, of all objects
  std::vector<std::size_t> after;   // tasks that come first: indices into the list
  std::string by_hand;              // the reason; empty: the tool does it
};

// By stage, then what fewer other files use first; what is left for hands last.
std::vector<Task> tasks_of(const MigrationPlan &plan);

// What Moved::used_by says of an object's id or a module's name.
std::vector<std::string> users_of(const Program &program, const std::string &object);

} // namespace ringfence
