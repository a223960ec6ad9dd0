#include "extract/bodies/unproven_locks.h"

#include <algorithm>
#include <map>
#include <set>

namespace ringfence {

namespace {

bool is_of(const Guard &guard, Index handle) { return guard.inferred && guard.object == handle; }

bool holds(const std::vector<Guard> &guards, Index handle) {
  return std::any_of(guards.begin(), guards.end(), [&](const Guard &guard) { return is_of(guard, handle); });
}

// A function of the unit that takes what is called a lock.
bool wraps_lock(const TuFacts &facts, const std::string &function) {
  return std::any_of(facts.calls.begin(), facts.calls.end(), [&](const Call &call) {
    return call.caller != none && call.callee != none && facts.functions[call.caller].name == function &&
           speaks_of_lock(facts.functions[call.callee].name);
  });
}

// The handles of guards that no word calls locks, with what takes them.
std::map<Index, std::string> unproven(const TuFacts &facts) {
  std::map<Index, std::string> handles;
  for (const Access &access : facts.accesses)
    for (const Guard &guard : access.guards)
      if (guard.inferred && guard.kind == Guard::Kind::mutex && guard.object != none && !speaks_of_lock(guard.api))
        handles.emplace(guard.object, guard.api);
  std::erase_if(handles, [&](const auto &handle) {
    return speaks_of_lock(facts.objects[handle.first].type.spelling) || wraps_lock(facts, handle.second);
  });
  return handles;
}

bool is_lock(const TuFacts &facts, Index handle, const std::string &begin) {
  const std::string end = name_of_end(begin);
  std::set<Index> begun, ended;
  std::ptrdiff_t ends = 0;
  for (const Call &call : facts.calls) {
    if (call.callee == none || call.arguments.empty() || call.arguments.front().target != handle)
      continue;
    const std::string &name = facts.functions[call.callee].name;
    if (name == begin)
      begun.insert(call.caller);
    else if (name == end && (ended.insert(call.caller), true))
      ++ends;
  }
  const auto between = std::count_if(facts.accesses.begin(), facts.accesses.end(), [&](const Access &access) {
    return access.object == handle && holds(access.guards, handle);
  });
  return begun.size() > 1 && begun == ended && between <= ends; // what ends it stands between, too
}

} // namespace

void drop_unproven_locks(TuFacts &facts) {
  for (const auto &[handle, begin] : unproven(facts)) {
    if (is_lock(facts, handle, begin))
      continue;
    const auto drop = [&, object = handle](auto &list) {
      for (auto &fact : list)
        std::erase_if(fact.guards, [&](const Guard &guard) { return is_of(guard, object); });
    };
    drop(facts.accesses);
    drop(facts.calls);
  }
}

} // namespace ringfence
