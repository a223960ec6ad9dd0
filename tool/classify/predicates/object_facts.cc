#include "classify/predicates/object_facts.h"

namespace ringfence {

namespace {

// The words of a return type that mean a Python object.
bool returns_object(const ProgramIndex &index, const std::string &callee) {
  if (const ApiEntry *api = index.api(callee))
    return api->returns == "new-object" || api->returns == "borrowed-object";
  const auto found = index.function_by_id.find(callee);
  return found != index.function_by_id.end() && index.program.functions[found->second].return_type == "PyObject *";
}

// The value of a variable of the program that leads to objects, as in `table[0] = (void *)error_class`.
bool stores_kept_object(const ProgramIndex &p, Index o, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    if (write.stored.kind != StoredValue::Kind::object || write.stored.address || write.stored.object == o)
      return false;
    const Object &source = p.program.objects[write.stored.object];
    return source.type.reaches_object && source.definition != Definition::declaration;
  });
  return show(p, access, evidence,
              "stores the value of " + (access ? p.program.objects[access->stored.object].name : ""));
}

constexpr std::uint64_t word_size = 8; // bytes that every supported processor stores at once

} // namespace

bool runs_later(const ProgramIndex &index, const Access &access) {
  const FunctionRoles *roles = index.roles(access.function);
  return roles && !roles->only_init();
}

bool pointer(const ProgramIndex &index, Index object, Word, Evidences &) {
  return index.program.objects[object].type.pointer;
}

bool scalar(const ProgramIndex &index, Index object, Word, Evidences &) {
  return index.program.objects[object].type.scalar;
}

bool is_one_word(const TypeFacts &type) { return type.scalar && type.size != 0 && type.size <= word_size; }

bool stores_call(const StoredValue &stored) { return stored.kind == StoredValue::Kind::call; }

const Call *call_stored_by(const ProgramIndex &index, const Access &write) {
  constexpr std::uint32_t lines = 3;
  const auto callee = index.function_by_id.find(write.stored.callee);
  if (callee == index.function_by_id.end() || write.function >= index.calls_of.size())
    return nullptr;
  const Call *before = nullptr;
  for (Index i = index.calls_of[write.function].first; i < index.calls_of[write.function].last; ++i) {
    const Call &call = index.program.calls[i];
    if (call.callee != callee->second || call.location.file != write.location.file)
      continue;
    if (call.location.line >= write.location.line && call.location.line < write.location.line + lines)
      return &call;
    if (call.location.line < write.location.line)
      before = &call;
  }
  return before;
}

std::string stored_callee(const ProgramIndex &index, const Access *access) {
  return access ? std::string(index.function_name(access->stored.callee)) : std::string();
}

bool show(const ProgramIndex &index, const Access *access, Evidences &evidence, const std::string &what) {
  if (access)
    evidence.push_back(index.evidence(*access, what));
  return access != nullptr;
}

bool show_declared(bool holds, const ProgramIndex &index, Index object, Evidences &evidence, const char *what) {
  const Object &declared = index.program.objects[object];
  if (holds)
    evidence.push_back(
        {index.place(declared.location), declared.function, "declared as " + declared.type.spelling + ": " + what});
  return holds;
}

bool reaches_object(const ProgramIndex &p, Index o, const std::string &, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.reaches_object, p, o, evidence, "leads to a Python object");
}

bool stores_object(const ProgramIndex &p, Index o, const std::string &, Evidences &evidence) {
  const Access *access = find_write(
      p, o, [&](const Access &write) { return stores_call(write.stored) && returns_object(p, write.stored.callee); });
  return show(p, access, evidence, "stores what " + stored_callee(p, access) + " returned");
}

bool stores_static_object(const ProgramIndex &p, Index o, const std::string &, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    if (write.stored.kind != StoredValue::Kind::object || !write.stored.address)
      return false;
    const Object &target = p.program.objects[write.stored.object];
    return (target.type.object_by_value || target.type.type_by_value) && target.definition != Definition::declaration;
  });
  const std::string name = access ? p.program.objects[access->stored.object].name : std::string();
  return show(p, access, evidence, "stores the address of " + name + ", a static object");
}

bool holds_object(const ProgramIndex &p, Index o, const std::string &word, Evidences &evidence) {
  const TypeFacts &type = p.program.objects[o].type;
  return type.object_by_value || type.type_by_value || reaches_object(p, o, word, evidence) ||
         (type.reaches_void && (stores_object(p, o, word, evidence) || stores_static_object(p, o, word, evidence) ||
                                stores_kept_object(p, o, evidence)));
}

} // namespace ringfence
