// What an object's initialiser leads to.
#include "classify/object_predicates.h"
#include "classify/reach.h"

namespace ringfence::object_predicate {

bool refers_to_static_object(const Context &context, Index object, const std::string &, Evidences &evidence) {
  const Range range = context.initialisers_of[object];
  for (Index i = range.first; i < range.last; ++i) {
    const InitialiserEntry &entry = context.program.initialisers[i];
    if (entry.kind != InitialiserEntry::Kind::object || entry.target >= context.program.objects.size())
      continue;
    const Object &target = context.program.objects[entry.target];
    if (!target.type.object_by_value && !target.type.type_by_value)
      continue;
    evidence.push_back(
        {context.place(entry.location), {}, "initialised with the address of " + target.name + ", a static object"});
    return true;
  }
  return false;
}

bool refers_to_immortal(const Context &context, Index object, const std::string &, Evidences &evidence) {
  const Range range = context.initialisers_of[object];
  bool any = false;
  for (Index i = range.first; i < range.last; ++i) {
    const InitialiserEntry &entry = context.program.initialisers[i];
    if (entry.kind != InitialiserEntry::Kind::object || entry.target >= context.program.objects.size())
      continue;
    const Object &target = context.program.objects[entry.target];
    const ApiEntry *known = context.tables.object(target.name);
    if (!known || !known->has("immortal"))
      return false;
    if (!any)
      evidence.push_back(
          {context.place(entry.location),
           {},
           "initialised with the address of " + target.name + ", which CPython shares between interpreters"});
    any = true;
  }
  return any;
}

bool initialised_by_python(const Context &context, Index object, const std::string &, Evidences &evidence) {
  const Object &declared = context.program.objects[object];
  if (declared.initialiser != Initialiser::dynamic)
    return false;
  for (Index i = context.accesses_of[object].first; i < context.accesses_of[object].last; ++i) {
    const Access &access = context.access(i);
    if (access.kind != AccessKind::write || access.stored.kind != StoredValue::Kind::call)
      continue;
    const ApiEntry *api = context.api(access.stored.callee);
    if (!api || (api->returns != "new-object" && api->returns != "borrowed-object"))
      continue;
    evidence.push_back(context.evidence(access, "initialised with the result of " + api->name));
    return true;
  }
  return false;
}

namespace {

bool initialiser_reaches(const Context &context, Index object, Evidences &evidence,
                         const std::function<bool(const Call &)> &wanted) {
  for (Index i = context.accesses_of[object].first; i < context.accesses_of[object].last; ++i) {
    const Access &access = context.access(i);
    const auto callee = context.function_by_id.find(access.stored.callee);
    if (access.kind != AccessKind::write || access.stored.kind != StoredValue::Kind::call ||
        callee == context.function_by_id.end())
      continue;
    const Call *reached = find_call_from(context, callee->second, wanted);
    if (!reached)
      continue;
    evidence.push_back(context.evidence(*reached, "calls " + context.program.functions[reached->callee].name));
    return true;
  }
  return false;
}

} // namespace

bool initialiser_runs_python(const Context &context, Index object, const std::string &, Evidences &evidence) {
  return initialiser_reaches(context, object, evidence, [&](const Call &call) {
    const ApiEntry *api = context.callee_api(call);
    return api && (api->has("call-python") || api->has("runs-python") || api->has("import"));
  });
}

bool initialiser_uses_python(const Context &context, Index object, const std::string &, Evidences &evidence) {
  return initialiser_reaches(context, object, evidence, [&](const Call &call) { return uses_python(context, call); });
}

} // namespace ringfence::object_predicate
