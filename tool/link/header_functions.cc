#include "link/header_functions.h"

#include <set>
#include <string>
#include <unordered_map>

#include "base/hash.h"

namespace ringfence {
namespace {

bool is_per_unit(const Function &function) {
  return !function.external_linkage && function.in_header && function.defined;
}

// What each function with internal linkage in a header leads to, over others of the kind; by function.
std::vector<std::set<Index>> objects_of(const TuFacts &facts) {
  std::vector<std::set<Index>> objects(facts.functions.size());
  std::vector<std::pair<Index, Index>> calls; // caller and callee
  const auto of_header = [&](Index function) {
    return function < facts.functions.size() && is_per_unit(facts.functions[function]);
  };
  for (const Access &access : facts.accesses)
    if (of_header(access.function) && access.object < facts.objects.size())
      objects[access.function].insert(access.object);
  for (const Call &call : facts.calls)
    if (of_header(call.caller) && of_header(call.callee))
      calls.emplace_back(call.caller, call.callee);
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto &[caller, callee] : calls) {
      const std::size_t before = objects[caller].size();
      objects[caller].insert(objects[callee].begin(), objects[callee].end());
      changed |= objects[caller].size() > before;
    }
  }
  return objects;
}

} // namespace

void tell_apart(TuFacts &facts) {
  const std::vector<std::set<Index>> objects = objects_of(facts);
  std::unordered_map<std::string, std::string> renamed;
  for (Index i = 0; i < facts.functions.size(); ++i) {
    if (objects[i].empty())
      continue;
    std::set<std::string> ids;
    for (const Index object : objects[i])
      ids.insert(facts.objects[object].id);
    std::string all;
    for (const std::string &id : ids)
      all += id + '\n';
    std::string &id = facts.functions[i].id;
    std::string apart = id + "@" + hash_hex(all).substr(0, 8);
    renamed.emplace(id, apart);
    id = std::move(apart);
  }
  rename_callees(facts, renamed);
}

void rename_callees(TuFacts &facts, const std::unordered_map<std::string, std::string> &renamed) {
  if (renamed.empty())
    return;
  const auto rename = [&](std::string &callee) {
    if (const auto found = renamed.find(callee); found != renamed.end())
      callee = found->second;
  };
  for (Access &access : facts.accesses) {
    rename(access.callee);
    rename(access.stored.callee);
  }
  for (FunctionUse &use : facts.function_uses)
    rename(use.callee);
  for (ParameterAccess &access : facts.parameter_accesses) {
    rename(access.callee);
    rename(access.stored.callee);
  }
}

} // namespace ringfence
