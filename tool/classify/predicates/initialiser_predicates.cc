// What an object's initialiser leads to.
#include "classify/index/reach.h"
#include "classify/predicates/predicate.h"

namespace ringfence {

namespace {

bool refers_to_static_object(const ProgramIndex &index, Index object, Word, Evidences &evidence) {
  const Range range = index.initialisers_of[object];
  for (Index i = range.first; i < range.last; ++i) {
    const InitialiserEntry &entry = index.program.initialisers[i];
    if (entry.kind != InitialiserEntry::Kind::object || entry.target >= index.program.objects.size())
      continue;
    const Object &target = index.program.objects[entry.target];
    if (!target.type.object_by_value && !target.type.type_by_value)
      continue;
    evidence.push_back(
        {index.place(entry.location), {}, "initialised with the address of " + target.name + ", a static object"});
    return true;
  }
  return false;
}

bool refers_to_immortal(const ProgramIndex &index, Index object, Word, Evidences &evidence) {
  const Range range = index.initialisers_of[object];
  bool any = false;
  for (Index i = range.first; i < range.last; ++i) {
    const InitialiserEntry &entry = index.program.initialisers[i];
    if (entry.kind != InitialiserEntry::Kind::object || entry.target >= index.program.objects.size())
      continue;
    const Object &target = index.program.objects[entry.target];
    const ApiEntry *known = index.tables.object(target.name);
    if (!known || !known->has("immortal"))
      return false;
    if (!any)
      evidence.push_back(
          {index.place(entry.location),
           {},
           "initialised with the address of " + target.name + ", which CPython shares between interpreters"});
    any = true;
  }
  return any;
}

bool initialised_by_python(const ProgramIndex &index, Index object, Word, Evidences &evidence) {
  const Object &declared = index.program.objects[object];
  if (declared.initialiser != Initialiser::dynamic)
    return false;
  for (Index i = index.accesses_of[object].first; i < index.accesses_of[object].last; ++i) {
    const Access &access = index.access(i);
    if (access.kind != AccessKind::write || access.stored.kind != StoredValue::Kind::call)
      continue;
    const ApiEntry *api = index.api(access.stored.callee);
    if (!api || (api->returns != "new-object" && api->returns != "borrowed-object"))
      continue;
    evidence.push_back(index.evidence(access, "initialised with the result of " + api->name));
    return true;
  }
  return false;
}

// Not a later assignment.
bool is_of_declaration(const ProgramIndex &index, const Access &write) {
  const Object &object = index.program.objects[write.object];
  return write.function == none ||
         (write.location.file == object.location.file && write.location.line == object.location.line);
}

// The function whose result a write stores, or the constructor that makes a function's static.
Index initialising_function(const ProgramIndex &index, const Access &write) {
  if (!is_of_declaration(index, write))
    return none;
  if (write.stored.kind == StoredValue::Kind::call) {
    const auto stored = index.function_by_id.find(write.stored.callee);
    return stored == index.function_by_id.end() ? none : stored->second;
  }
  if (write.function == none)
    return none;
  const Range calls = index.calls_of[write.function];
  for (Index i = calls.first; i < calls.last; ++i) {
    const Call &call = index.program.calls[i];
    if (!call.arguments.empty() && call.arguments.front().kind == CallArgument::Kind::object_address &&
        call.arguments.front().target == write.object && call.location.file == write.location.file &&
        call.location.line == write.location.line)
      return call.callee;
  }
  return none;
}

bool initialiser_reaches(const ProgramIndex &index, Index object, Evidences &evidence,
                         const std::function<bool(const Call &)> &wanted) {
  for (Index i = index.accesses_of[object].first; i < index.accesses_of[object].last; ++i) {
    const Access &access = index.access(i);
    const Index callee = access.kind == AccessKind::write ? initialising_function(index, access) : none;
    const Call *reached = callee == none ? nullptr : find_call_from(index, callee, wanted);
    if (!reached)
      continue;
    evidence.push_back(index.evidence(*reached, "calls " + index.program.functions[reached->callee].name));
    return true;
  }
  return false;
}

bool initialiser_runs_python(const ProgramIndex &index, Index object, Word, Evidences &evidence) {
  return initialiser_reaches(index, object, evidence, [&](const Call &call) {
    const ApiEntry *api = index.callee_api(call);
    return api && (api->has("call-python") || api->has("runs-python") || api->has("import"));
  });
}

// One call of that name, and no other on its line.
bool initialiser_only_calls(const ProgramIndex &index, Index object, Word name, Evidences &evidence) {
  for (Index i = index.accesses_of[object].first; i < index.accesses_of[object].last; ++i) {
    const Access &access = index.access(i);
    if (access.kind != AccessKind::write || access.stored.kind != StoredValue::Kind::call ||
        !is_of_declaration(index, access) || index.function_name(access.stored.callee) != name)
      continue;
    const auto is_other = [&](const Call &call) {
      return call.location.file == access.location.file && call.location.line == access.location.line &&
             callee_name(index, call) != name;
    };
    if (access.function == none || first_call(index, access.function, is_other))
      return false;
    evidence.push_back(index.evidence(access, "made by " + std::string(name) + " alone"));
    return true;
  }
  return false;
}

bool initialiser_uses_python(const ProgramIndex &index, Index object, Word, Evidences &evidence) {
  return initialiser_reaches(index, object, evidence, [&](const Call &call) { return uses_python(index, call); });
}

// `static T *const p = &t;`, where t is a variable of the inventory; a table of such addresses, and of functions. Who
// hands out an object that is no type hands it to all interpreters.
bool leads_to_judged(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const InitialiserEntry *first = nullptr;
  for (Index i = p.initialisers_of[o].first; i < p.initialisers_of[o].last; ++i) {
    const InitialiserEntry &entry = p.program.initialisers[i];
    if (entry.kind != InitialiserEntry::Kind::object)
      continue;
    if (entry.target >= p.program.objects.size())
      return false;
    const Object &target = p.program.objects[entry.target];
    if (target.definition == Definition::declaration || (target.type.object_by_value && !target.type.type_by_value))
      return false;
    if (!first)
      first = &entry;
  }
  if (!first)
    return false;
  evidence.push_back(
      {p.place(first->location),
       {},
       "set once for all to the address of " + p.program.objects[first->target].name + ", which is judged itself"});
  return true;
}

bool caches_call_once_value(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.stored.kind != StoredValue::Kind::call ||
        !p.tables.has(p.function_name(access.stored.callee), "gives-stored-value"))
      continue;
    evidence.push_back(p.evidence(access, "initialised with the result of get_stored()"));
    return true;
  }
  return false;
}

constexpr ObjectPredicate initialiser_rows[] = {
    {"refers-to-static-object", Takes::nothing,
     "its initialiser takes the address of a static type or object of the program", refers_to_static_object},
    {"refers-to-immortal", Takes::nothing,
     "its initialiser takes only addresses of objects that CPython shares between interpreters", refers_to_immortal},
    {"initialised-by-python", Takes::nothing, "C++: its initialiser calls the Python API", initialised_by_python},
    {"initialiser-runs-python", Takes::nothing,
     "the function that initialises it leads to a call that runs Python code", initialiser_runs_python},
    {"initialiser-only-calls", Takes::word, "its initialiser is one call of the function of this name",
     initialiser_only_calls},
    {"initialiser-uses-python", Takes::nothing, "the function that initialises it leads to a call of the Python API",
     initialiser_uses_python},
    {"leads-to-judged", Takes::nothing,
     "its initialiser takes addresses of variables of the program that are no objects but types, and of no others",
     leads_to_judged},
    {"caches-call-once-value", Takes::nothing, "initialised with what get_stored() of a call-once storage returned",
     caches_call_once_value},
};

} // namespace

std::span<const ObjectPredicate> initialiser_predicates() { return initialiser_rows; }

} // namespace ringfence
