#include "classify/index/reach.h"

#include <set>

#include "knowledge/api_names.h"

namespace ringfence {

const Call *find_call_from(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted) {
  std::set<Index> seen{function};
  std::vector<Index> pending{function};
  while (!pending.empty()) {
    const Index next = pending.back();
    pending.pop_back();
    if (next >= index.calls_of.size())
      continue;
    for (Index i = index.calls_of[next].first; i < index.calls_of[next].last; ++i) {
      const Call &call = index.program.calls[i];
      if (wanted(call))
        return &call;
      if (call.callee != none && seen.insert(call.callee).second)
        pending.push_back(call.callee);
    }
  }
  return nullptr;
}

bool uses_python(const ProgramIndex &index, const Call &call) {
  const ApiEntry *api = index.callee_api(call);
  return api && is_interpreter_name(api->name) && !api->has("no-thread-state");
}

} // namespace ringfence
