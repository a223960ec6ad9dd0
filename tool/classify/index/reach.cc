#include "classify/index/reach.h"

#include <algorithm>
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

const Call *first_call(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted) {
  if (function >= index.calls_of.size())
    return nullptr;
  for (Index i = index.calls_of[function].first; i < index.calls_of[function].last; ++i)
    if (wanted(index.program.calls[i]))
      return &index.program.calls[i];
  return nullptr;
}

const Call *last_call(const ProgramIndex &index, Index function, const std::function<bool(const Call &)> &wanted) {
  if (function >= index.calls_of.size())
    return nullptr;
  for (Index i = index.calls_of[function].last; i > index.calls_of[function].first; --i)
    if (wanted(index.program.calls[i - 1]))
      return &index.program.calls[i - 1];
  return nullptr;
}

std::string_view callee_name(const ProgramIndex &index, const Call &call) {
  return call.callee < index.program.functions.size() ? std::string_view(index.program.functions[call.callee].name)
                                                      : std::string_view(call.pointer);
}

bool gives_module(const ProgramIndex &index, const Call &call) {
  constexpr std::string_view traits[] = {"module-state", "find-by-own-type", "module-by-definition", "find-module"};
  const auto direct = [&](const Call &each) {
    const ApiEntry *api = index.callee_api(each);
    return api && std::ranges::any_of(traits, [&](std::string_view trait) { return api->has(trait); });
  };
  const auto returned = [&](const Call &each) { return each.result == ResultUse::returned && direct(each); };
  return direct(call) || first_call(index, call.callee, returned) != nullptr;
}

bool uses_python(const ProgramIndex &index, const Call &call) {
  const ApiEntry *api = index.callee_api(call);
  if (api)
    return is_interpreter_name(api->name) && !api->has("no-thread-state");
  // pybind11::cast and the like, whose bodies are not read; what the library keeps to itself may do without.
  if (call.callee >= index.program.functions.size() || !index.program.functions[call.callee].outside)
    return false;
  const std::string &name = index.program.functions[call.callee].name;
  return name.find("::") != std::string::npos && name.find("::detail::") == std::string::npos &&
         !index.tables.generator_of_name(&Generator::module_names, name).empty();
}

} // namespace ringfence
