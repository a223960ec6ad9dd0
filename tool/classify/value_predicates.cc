// What the writes to an object store.
#include <algorithm>

#include "classify/object_predicates.h"

namespace ringfence::object_predicate {

namespace {

using Word = const std::string &;

// The words of a return type that mean a Python object.
bool returns_object(const Context &context, const std::string &callee) {
  if (const ApiEntry *api = context.api(callee))
    return api->returns == "new-object" || api->returns == "borrowed-object";
  const auto found = context.function_by_id.find(callee);
  return found != context.function_by_id.end() && context.program.functions[found->second].return_type == "PyObject *";
}

bool stores_call(const StoredValue &stored) { return stored.kind == StoredValue::Kind::call; }

template <class Test> const Access *find_write(const Context &context, Index object, Test test) {
  for (const Index site : context.program.writes[object].sites)
    if (test(context.access(site)))
      return &context.access(site);
  return nullptr;
}

template <class Test> bool every_write(const Context &context, Index object, Test test) {
  const auto &sites = context.program.writes[object].sites;
  return !sites.empty() &&
         std::all_of(sites.begin(), sites.end(), [&](Index site) { return test(context.access(site)); });
}

bool show(const Context &context, const Access *access, Evidences &evidence, const std::string &what) {
  if (access)
    evidence.push_back(context.evidence(*access, what));
  return access != nullptr;
}

std::string callee_name(const Context &context, const Access *access) {
  return access ? std::string(context.function_name(access->stored.callee)) : std::string();
}

} // namespace

bool stores_object(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(
      c, o, [&](const Access &write) { return stores_call(write.stored) && returns_object(c, write.stored.callee); });
  return show(c, access, evidence, "stores what " + callee_name(c, access) + " returned");
}

bool stores_static_object(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    if (write.stored.kind != StoredValue::Kind::object || !write.stored.address)
      return false;
    const Object &target = c.program.objects[write.stored.object];
    return (target.type.object_by_value || target.type.type_by_value) && target.definition != Definition::declaration;
  });
  const std::string name = access ? c.program.objects[access->stored.object].name : std::string();
  return show(c, access, evidence, "stores the address of " + name + ", a static object");
}

namespace {

// The value of a variable of the program that leads to objects, as in `table[0] = (void *)error_class`.
bool stores_kept_object(const Context &c, Index o, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    if (write.stored.kind != StoredValue::Kind::object || write.stored.address || write.stored.object == o)
      return false;
    const Object &source = c.program.objects[write.stored.object];
    return source.type.reaches_object && source.definition != Definition::declaration;
  });
  return show(c, access, evidence,
              "stores the value of " + (access ? c.program.objects[access->stored.object].name : ""));
}

} // namespace

bool holds_object(const Context &c, Index o, Word word, Evidences &evidence) {
  const TypeFacts &type = c.program.objects[o].type;
  return type.object_by_value || type.type_by_value || reaches_object(c, o, word, evidence) ||
         (type.reaches_void && (stores_object(c, o, word, evidence) || stores_static_object(c, o, word, evidence) ||
                                stores_kept_object(c, o, evidence)));
}

bool stores_result_of(const Context &c, Index o, Word trait, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    const ApiEntry *api = stores_call(write.stored) ? c.api(write.stored.callee) : nullptr;
    return api && api->has(trait);
  });
  return show(c, access, evidence, "stores the result of " + callee_name(c, access));
}

bool stores_call_of(const Context &c, Index o, Word name, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    return stores_call(write.stored) && c.function_name(write.stored.callee) == name;
  });
  return show(c, access, evidence, "stores the result of " + name);
}

bool stores_memory(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    const ApiEntry *api = stores_call(write.stored) ? c.api(write.stored.callee) : nullptr;
    return api && api->returns == "memory";
  });
  return show(c, access, evidence, "stores memory from " + callee_name(c, access));
}

bool stores_unknown_result(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(c, o, [&](const Access &write) { return stores_call(write.stored) && !c.api(write.stored.callee); });
  return show(c, access, evidence, "stores what " + callee_name(c, access) + " makes");
}

bool stores_given_value(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    const FunctionRoles *roles = c.roles(write.function);
    if (!roles || !roles->python_callable || write.kind != AccessKind::write)
      return false;
    const ApiEntry *api = stores_call(write.stored) ? c.api(write.stored.callee) : nullptr;
    return write.stored.kind == StoredValue::Kind::parameter || write.stored.kind == StoredValue::Kind::expression ||
           (api && api->has("converts-object"));
  });
  return show(c, access, evidence, "stores a value that Python code gives");
}

bool stores_function(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(c, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::function; });
  return show(c, access, evidence, "stores the address of a function");
}

bool stores_parameter(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(c, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::parameter; });
  return show(c, access, evidence, "stores what its caller gave");
}

bool stores_only_constants(const Context &c, Index o, Word, Evidences &) {
  return every_write(c, o, [](const Access &write) {
    return write.stored.kind == StoredValue::Kind::constant || write.stored.kind == StoredValue::Kind::null;
  });
}

bool stores_flags(const Context &c, Index o, Word, Evidences &) {
  return every_write(c, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::constant || write.stored.kind == StoredValue::Kind::null ||
           (write.kind == AccessKind::argument && c.function_name(write.callee) == "memset");
  });
}

namespace {

// What is the same in the whole process, and objects by value and const objects only where the caller takes those too.
bool is_fixed(const Context &c, Index o, const StoredValue &stored, bool objects_too) {
  using Kind = StoredValue::Kind;
  switch (stored.kind) {
  case Kind::null:
  case Kind::constant:
  case Kind::function:
    return true;
  case Kind::object: {
    if (stored.object == o)
      return true;
    const TypeFacts &type = c.program.objects[stored.object].type;
    return stored.address ? objects_too || (!type.object_by_value && !type.type_by_value) : type.top_const;
  }
  default:
    return false;
  }
}

} // namespace

bool stores_fixed_values(const Context &c, Index o, Word, Evidences &) {
  return every_write(c, o, [&](const Access &write) { return is_fixed(c, o, write.stored, false); });
}

bool stores_fixed_addresses(const Context &c, Index o, Word, Evidences &) {
  return every_write(c, o, [&](const Access &write) { return is_fixed(c, o, write.stored, true); });
}

bool stores_unknown_pointer(const Context &c, Index o, Word, Evidences &evidence) {
  if (!c.program.objects[o].type.pointer)
    return false;
  const Access *access =
      find_write(c, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::expression; });
  return show(c, access, evidence, "stores a pointer that is found at run time");
}

bool links_to_itself(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(c, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::object && write.stored.object == o && write.stored.address;
  });
  return show(c, access, evidence, "points to itself, as the head of an empty list does");
}

bool stores_only_immortal(const Context &c, Index o, Word, Evidences &evidence) {
  const Access *shown = nullptr;
  const bool all = every_write(c, o, [&](const Access &write) {
    if (write.stored.kind == StoredValue::Kind::null)
      return true;
    const bool known_object =
        write.stored.kind == StoredValue::Kind::object && write.stored.object < c.program.objects.size();
    if (!known_object || c.program.objects[write.stored.object].definition != Definition::declaration)
      return false; // what the program defines itself is judged by what it does
    const ApiEntry *entry = c.tables.object(c.program.objects[write.stored.object].name);
    shown = &write;
    return entry && entry->has("immortal");
  });
  return all && show(c, shown, evidence, "stores the address of an object that CPython shares between interpreters");
}

bool passed_to(const Context &c, Index o, Word trait, Evidences &evidence) {
  for (Index i = c.accesses_of[o].first; i < c.accesses_of[o].last; ++i) {
    const Access &access = c.access(i);
    const ApiEntry *api = access.kind == AccessKind::argument ? c.api(access.callee) : nullptr;
    if (api && api->has(trait))
      return show(c, &access, evidence, "given to " + api->name);
  }
  return false;
}

bool argument_of(const Context &c, Index o, Word name, Evidences &evidence) {
  for (Index i = c.accesses_of[o].first; i < c.accesses_of[o].last; ++i) {
    const Access &access = c.access(i);
    if (access.kind == AccessKind::argument && c.function_name(access.callee) == name)
      return show(c, &access, evidence, "given to " + name);
  }
  return false;
}

} // namespace ringfence::object_predicate
