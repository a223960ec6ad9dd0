// The predicates of rules on members that threads share: what code that Python can run on a live object does to them
// without a lock.
#include <algorithm>

#include "classify/index/locks_held.h"
#include "classify/predicates/object_facts.h"
#include "link/interpreter_files.h"

namespace ringfence {

namespace {

using Kind = StoredValue::Kind;

bool is_write(const Access &access) {
  return access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write ||
         (access.kind == AccessKind::argument && access.stored.kind != Kind::nothing); // written by a callee
}

// Where another thread can be at the same time. The interpreter itself has rules of its own for what it shares.
bool is_open(const ProgramIndex &p, const Access &access) {
  const FunctionRoles *roles = p.roles(access.function);
  return roles && roles->on_live_objects && !is_interpreter_alone(p.program, access.location.file) && !access.atomic &&
         !p.program.objects[access.object].type.atomic && !is_locked(p, access);
}

bool of_own_bytes(const Access &access) { return access.path.find("->") == std::string::npos; }

template <class Test> const Access *find(const ProgramIndex &p, Index member, Test test) {
  for (Index i = p.accesses_of[member].first; i < p.accesses_of[member].last; ++i)
    if (const Access &access = p.access(i); test(access) && is_open(p, access))
      return &access;
  return nullptr;
}

bool clears(const Access &access) { return access.stored.kind == Kind::null || access.stored.kind == Kind::constant; }

bool makes_on_first_use(const Access &access) {
  return access.kind == AccessKind::write && of_own_bytes(access) && access.tests_itself && !clears(access) &&
         access.stored.kind != Kind::parameter;
}

// What is loaded and then followed, or given away.
bool follows(const Access &access) {
  return (access.kind == AccessKind::read && !access.compared) || access.kind == AccessKind::argument;
}

bool of_instance(const ProgramIndex &p, Index m, Word, Evidences &) {
  return p.program.objects[m].holder == Holder::instance;
}

bool object_pointer(const ProgramIndex &p, Index m, Word, Evidences &) {
  const TypeFacts &type = p.program.objects[m].type;
  return type.pointer && !type.object_words.empty();
}

bool made_on_first_use(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(p, find(p, m, makes_on_first_use), evidence, "written on first use, after a test, without a lock");
}

bool replaced(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(p,
              find(p, m,
                   [](const Access &access) {
                     return access.kind == AccessKind::write && of_own_bytes(access) && !makes_on_first_use(access);
                   }),
              evidence, "replaced without a lock");
}

bool cleared(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(p,
              find(p, m,
                   [](const Access &access) {
                     return access.kind == AccessKind::write && of_own_bytes(access) &&
                            access.stored.kind == Kind::null;
                   }),
              evidence, "given up without a lock");
}

bool followed(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(p, find(p, m, follows), evidence, "followed without a lock");
}

bool counted(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(p, find(p, m, [](const Access &access) { return access.kind == AccessKind::read_modify_write; }),
              evidence, "counted without a lock");
}

bool checked_then_set(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  return show(
      p,
      find(p, m, [](const Access &access) { return is_write(access) && of_own_bytes(access) && access.tests_itself; }),
      evidence, "tested and then set, without a lock");
}

bool announces(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const auto &flagged = p.flagged_by[m];
  const auto at = std::find_if(flagged.begin(), flagged.end(), [&](Index site) {
    const Access &access = p.access(site);
    return is_open(p, access) && !clears(access);
  });
  if (at == flagged.end())
    return false;
  return show(p, &p.access(*at), evidence,
              "written after a test of it: " + p.program.objects[p.access(*at).object].name);
}

// Loaded under a lock that is over when it is used; under the lock, or without one, live code replaces it.
bool member_used_after_unlock(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const LateUse *late = late_use(p, m);
  if (!late)
    return false;
  const bool counted = object_pointer(p, m, {}, evidence); // other memory is freed where null is stored
  for (Index i = p.accesses_of[m].first; i < p.accesses_of[m].last; ++i) {
    const Access &access = p.access(i);
    const FunctionRoles *roles = p.roles(access.function);
    if (access.kind != AccessKind::write || !of_own_bytes(access) || makes_on_first_use(access) || !roles ||
        !roles->on_live_objects || roles->finalise || !(counted || access.stored.kind == Kind::null))
      continue;
    evidence.push_back(p.evidence(*late));
    evidence.push_back(p.evidence(access, "replaced by another thread meanwhile"));
    return true;
  }
  return false;
}

// A method of a container of C++ that is not const, on the member itself.
bool container_changed(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  if (!p.program.objects[m].type.record.starts_with("std::"))
    return false;
  return show(p,
              find(p, m,
                   [&](const Access &access) {
                     return access.kind == AccessKind::argument && access.argument == 0 && of_own_bytes(access) &&
                            p.function_name(access.callee).starts_with("std::");
                   }),
              evidence, "changed without a lock");
}

// Given to a function of a library, by its value or as a struct that the library changes.
bool given_to_library(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const auto of_library = [&](Index function) {
    return function < p.program.functions.size() &&
           (p.program.functions[function].outside || !p.program.functions[function].defined) && !p.api_of[function];
  };
  for (const Index i : p.calls_with_member[m]) {
    const Call &call = p.program.calls[i];
    const FunctionRoles *roles = p.roles(call.caller);
    if (!of_library(call.callee) || !roles || !roles->on_live_objects || is_locked(p, call))
      continue;
    evidence.push_back(p.evidence(call, "given to " + p.program.functions[call.callee].name + " without a lock"));
    return true;
  }
  return false;
}

// Of a library: an incomplete struct, or one of whose members no code of the program is seen to use.
bool handle(const ProgramIndex &p, Index m, Word, Evidences &) {
  const TypeFacts &type = p.program.objects[m].type;
  const auto uses_its_members = [&](const Object &object) {
    return object.storage == Storage::member && object.record == type.leads_to && !object.outside;
  };
  return type.handle || (type.pointer && !type.leads_to.empty() && type.object_words.empty() &&
                         std::none_of(p.program.objects.begin(), p.program.objects.end(), uses_its_members));
}

constexpr Predicate member_rows[] = {
    {"of-instance", Takes::nothing, "its struct is a Python object", of_instance},
    {"object-pointer", Takes::nothing, "is a pointer to a Python object", object_pointer},
    {"pointer", Takes::nothing, "is a pointer", pointer},
    {"scalar", Takes::nothing, "is one number, truth value or pointer", scalar},
    {"made-on-first-use", Takes::nothing, "is written after a test of itself, without a lock", made_on_first_use},
    {"replaced", Takes::nothing, "is written without a lock, and not on first use alone", replaced},
    {"cleared", Takes::nothing, "null is written without a lock", cleared},
    {"followed", Takes::nothing, "its value is used, not merely tested, without a lock", followed},
    {"counted", Takes::nothing, "is read, changed and written back without a lock", counted},
    {"checked-then-set", Takes::nothing, "is written after a test of itself, without a lock", checked_then_set},
    {"used-after-unlock", Takes::nothing,
     "a pointer that is loaded under a lock without a new reference, used when the lock is over, and replaced "
     "elsewhere",
     member_used_after_unlock},
    {"announces", Takes::nothing, "other members or globals are written after a test of it, without a lock", announces},
    {"handle", Takes::nothing, "is a handle of a library", handle},
    {"given-to-library", Takes::nothing, "is given to a function of a library without a lock", given_to_library},
    {"container-changed", Takes::nothing, "is a container of C++ that is changed without a lock", container_changed},
};

} // namespace

std::span<const Predicate> member_predicates() { return member_rows; }

} // namespace ringfence
