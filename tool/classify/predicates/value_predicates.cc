// What the writes to an object store.
#include <algorithm>

#include "classify/index/reach.h"
#include "classify/predicates/object_facts.h"
#include "knowledge/api_names.h"

namespace ringfence {

namespace {

template <class Test> bool every_write(const ProgramIndex &index, Index object, Test test) {
  const auto &sites = index.program.writes[object].sites;
  return !sites.empty() &&
         std::all_of(sites.begin(), sites.end(), [&](Index site) { return test(index.access(site)); });
}

// What makes the result of a function: the function itself where a table knows it, else the last call in a helper of the
// program that makes an object and keeps or returns it.
const ApiEntry *maker_of(const ProgramIndex &index, const std::string &function_id) {
  if (const ApiEntry *api = index.api(function_id))
    return api;
  const auto helper = index.function_by_id.find(function_id);
  if (helper == index.function_by_id.end())
    return nullptr;
  const ApiEntry *last = nullptr;
  const Range range = index.calls_of[helper->second];
  for (Index i = range.first; i < range.last; ++i) {
    const Call &call = index.program.calls[i];
    const ApiEntry *api = index.callee_api(call);
    const bool kept =
        call.result == ResultUse::returned || call.result == ResultUse::stored || call.result == ResultUse::tested;
    if (api && api->returns == "new-object" && kept)
      last = api;
  }
  return last;
}

bool stores_result_of(const ProgramIndex &p, Index o, Word trait, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    const ApiEntry *api = stores_call(write.stored) ? maker_of(p, write.stored.callee) : nullptr;
    return api && api->has(trait);
  });
  return show(p, access, evidence, "stores the result of " + stored_callee(p, access));
}

// By that name, or one of the project that returns what it gives.
bool stores_call_of(const ProgramIndex &p, Index o, Word name, Evidences &evidence) {
  const auto returned = [&](const Call &call) {
    return call.result == ResultUse::returned && callee_name(p, call) == name;
  };
  const Access *access = find_write(p, o, [&](const Access &write) {
    if (!stores_call(write.stored))
      return false;
    const auto stored = p.function_by_id.find(write.stored.callee);
    return p.function_name(write.stored.callee) == name ||
           (stored != p.function_by_id.end() && first_call(p, stored->second, returned));
  });
  return show(p, access, evidence, "stores the result of " + name);
}

bool stores_memory(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    const ApiEntry *api = stores_call(write.stored) ? p.api(write.stored.callee) : nullptr;
    return api && api->returns == "memory";
  });
  return show(p, access, evidence, "stores memory from " + stored_callee(p, access));
}

bool stores_unknown_result(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(p, o, [&](const Access &write) { return stores_call(write.stored) && !p.api(write.stored.callee); });
  return show(p, access, evidence, "stores what " + stored_callee(p, access) + " makes");
}

bool stores_given_value(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    const FunctionRoles *roles = p.roles(write.function);
    if (!roles || !roles->python_callable || write.kind != AccessKind::write)
      return false;
    const ApiEntry *api = stores_call(write.stored) ? p.api(write.stored.callee) : nullptr;
    return write.stored.kind == StoredValue::Kind::parameter || write.stored.kind == StoredValue::Kind::expression ||
           (api && api->has("converts-object"));
  });
  return show(p, access, evidence, "stores a value that Python code gives");
}

// `ticks = SDL_GetTicks()`: what a library outside of the program says.
bool stores_library_values(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *shown = nullptr;
  const bool all = every_write(p, o, [&](const Access &write) {
    if (write.stored.kind == StoredValue::Kind::null || write.stored.kind == StoredValue::Kind::constant)
      return true;
    const auto callee = p.function_by_id.find(write.stored.callee);
    const ApiEntry *api = p.api(write.stored.callee);
    shown = &write;
    return write.kind == AccessKind::write && stores_call(write.stored) && callee != p.function_by_id.end() &&
           !p.program.functions[callee->second].defined && (!api || !is_interpreter_name(api->name));
  });
  return all && show(p, shown, evidence, "stores what " + stored_callee(p, shown) + " says");
}

bool stores_function(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(p, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::function; });
  return show(p, access, evidence, "stores the address of a function");
}

bool stores_parameter(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access =
      find_write(p, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::parameter; });
  return show(p, access, evidence, "stores what its caller gave");
}

// A cache of blocks: what callers give back, and where none is left, memory of the interpreter.
bool hands_out_memory(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const auto allocates = [&](const Call &call) {
    const ApiEntry *api = p.callee_api(call);
    return api && api->has("interpreter-memory") &&
           (call.result == ResultUse::returned || call.result == ResultUse::stored || call.result == ResultUse::tested);
  };
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.kind != AccessKind::read || access.function == none)
      continue;
    for (Index j = p.calls_of[access.function].first; j < p.calls_of[access.function].last; ++j)
      if (const Call &call = p.program.calls[j]; allocates(call)) {
        evidence.push_back(p.evidence(call, "a block of the interpreter, where none is kept"));
        return true;
      }
  }
  return false;
}

bool stores_only_constants(const ProgramIndex &p, Index o, Word, Evidences &) {
  return every_write(p, o, [](const Access &write) {
    return write.stored.kind == StoredValue::Kind::constant || write.stored.kind == StoredValue::Kind::null;
  });
}

bool stores_flags(const ProgramIndex &p, Index o, Word, Evidences &) {
  return every_write(p, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::constant || write.stored.kind == StoredValue::Kind::null ||
           (write.kind == AccessKind::argument && p.function_name(write.callee) == "memset");
  });
}

// What is the same in the whole process, and objects by value and const objects only where the caller takes those too.
bool is_fixed(const ProgramIndex &p, Index o, const StoredValue &stored, bool objects_too) {
  using Kind = StoredValue::Kind;
  switch (stored.kind) {
  case Kind::null:
  case Kind::constant:
  case Kind::function:
    return true;
  case Kind::object: {
    if (stored.object == o)
      return true;
    const TypeFacts &type = p.program.objects[stored.object].type;
    return stored.address ? objects_too || (!type.object_by_value && !type.type_by_value) : type.top_const;
  }
  default:
    return false;
  }
}

bool stores_fixed_values(const ProgramIndex &p, Index o, Word, Evidences &) {
  return every_write(p, o, [&](const Access &write) { return is_fixed(p, o, write.stored, false); });
}

bool stores_fixed_addresses(const ProgramIndex &p, Index o, Word, Evidences &) {
  return every_write(p, o, [&](const Access &write) { return is_fixed(p, o, write.stored, true); });
}

bool stores_unknown_pointer(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  if (!p.program.objects[o].type.pointer)
    return false;
  const Access *access =
      find_write(p, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::expression; });
  return show(p, access, evidence, "stores a pointer that is found at run time");
}

bool links_to_itself(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *access = find_write(p, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::object && write.stored.object == o && write.stored.address;
  });
  return show(p, access, evidence, "points to itself, as the head of an empty list does");
}

// `t->outer = head; head = t;` on the way in, `head = t->outer` on the way out. A list that hands out what it holds, as
// in `t = head; head = t->next`, is no stack of frames.
bool heads_stack_of_frames(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const TypeFacts &type = p.program.objects[o].type;
  if (!type.pointer || !type.scalar)
    return false;
  const auto saved_by = [&](Index function) {
    return std::ranges::any_of(p.program.parameter_accesses, [&](const ParameterAccess &access) {
      return access.function == function && access.kind == AccessKind::write &&
             access.stored.kind == StoredValue::Kind::object && access.stored.object == o && !access.stored.address;
    });
  };
  const Access *pushed = find_write(p, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::parameter && write.function != none && saved_by(write.function);
  });
  const bool hands_out = !every_write(p, o, [&](const Access &write) {
    return write.stored.kind == StoredValue::Kind::null || write.stored.kind == StoredValue::Kind::parameter ||
           (write.stored.kind == StoredValue::Kind::expression && write.stored.object != o);
  });
  return !hands_out && show(p, pushed, evidence, "the one before is kept in what its caller gives");
}

// PyLong_FromLong(0), PyTuple_New(0): the interpreter's constants, which outlive it and belong to all.
bool stores_constant_object(const ProgramIndex &p, const Access &write) {
  constexpr std::int64_t least = -5, most = 256; // small integers
  const ApiEntry *api = stores_call(write.stored) ? p.api(write.stored.callee) : nullptr;
  if (api && api->has("gives-immortal"))
    return true;
  const bool small = api && api->has("small-integer-is-immortal"), empty = api && api->has("empty-is-immortal");
  const Call *call = small || empty ? call_stored_by(p, write) : nullptr;
  if (!call || call->arguments.empty())
    return false;
  const CallArgument &size = call->arguments[api->name.ends_with("AndSize") ? call->arguments.size() - 1 : 0];
  return size.kind == CallArgument::Kind::integer &&
         (empty ? size.integer == 0 : least <= size.integer && size.integer <= most);
}

bool is_immortal(const ProgramIndex &p, const StoredValue &stored) {
  if (stored.kind == StoredValue::Kind::null)
    return true;
  const bool known_object = stored.kind == StoredValue::Kind::object && stored.object < p.program.objects.size();
  if (!known_object || p.program.objects[stored.object].definition != Definition::declaration)
    return false; // what the program defines itself is judged by what it does
  const ApiEntry *entry = p.tables.object(p.program.objects[stored.object].name);
  return entry && entry->has("immortal");
}

bool stores_only_immortal(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *shown =
      find_write(p, o, [](const Access &write) { return write.stored.kind == StoredValue::Kind::object; });
  return every_write(p, o, [&](const Access &write) { return is_immortal(p, write.stored); }) &&
         show(p, shown, evidence, "stores the address of an object that CPython shares between interpreters");
}

bool stores_constant_objects(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  const Access *shown = find_write(p, o, [&](const Access &write) { return stores_constant_object(p, write); });
  return every_write(
             p, o,
             [&](const Access &write) { return is_immortal(p, write.stored) || stores_constant_object(p, write); }) &&
         show(p, shown, evidence, "stores a constant that interpreters share since 3.12");
}

bool passed_to(const ProgramIndex &p, Index o, Word trait, Evidences &evidence) {
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    const ApiEntry *api = access.kind == AccessKind::argument ? p.api(access.callee) : nullptr;
    if (api && api->has(trait))
      return show(p, &access, evidence, "given to " + api->name);
  }
  return false;
}

bool argument_of(const ProgramIndex &p, Index o, Word name, Evidences &evidence) {
  for (Index i = p.accesses_of[o].first; i < p.accesses_of[o].last; ++i) {
    const Access &access = p.access(i);
    if (access.kind == AccessKind::argument && p.function_name(access.callee) == name)
      return show(p, &access, evidence, "given to " + name);
  }
  return false;
}

constexpr ObjectPredicate value_rows[] = {
    {"stores-flags", Takes::nothing, "every write stores a constant, or is memset", stores_flags},
    {"stores-unknown-result", Takes::nothing, "a write stores the result of a function that no table knows",
     stores_unknown_result},
    {"stores-given-value", Takes::nothing, "code that Python can run stores a value that it was given",
     stores_given_value},
    {"holds-object", Takes::nothing, "a Python object can be reached from it: by type, or by what is stored in it",
     holds_object},
    {"stores-object", Takes::nothing, "a write stores what a call to Python returned", stores_object},
    {"stores-static-object", Takes::nothing, "a write stores the address of a static object or type of the program",
     stores_static_object},
    {"stores-result-of", Takes::trait, "a write stores the result of a function with this trait", stores_result_of},
    {"stores-call-of", Takes::word, "a write stores the result of the function of this name", stores_call_of},
    {"stores-memory", Takes::nothing, "a write stores memory from an allocator", stores_memory},
    {"stores-library-values", Takes::nothing,
     "every write stores a constant or what a function of another library returned", stores_library_values},
    {"stores-function", Takes::nothing, "a write stores the address of a function", stores_function},
    {"stores-parameter", Takes::nothing, "a write stores a parameter of its function", stores_parameter},
    {"hands-out-memory", Takes::nothing,
     "a function that reads it asks for memory of the interpreter, too, and keeps or returns it", hands_out_memory},
    {"stores-only-constants", Takes::nothing, "every write stores a constant", stores_only_constants},
    {"stores-fixed-values", Takes::nothing,
     "every write stores what is the same in the whole process: a constant, the address of a function or of plain data",
     stores_fixed_values},
    {"stores-fixed-addresses", Takes::nothing, "the same, or the address of a static object or type",
     stores_fixed_addresses},
    {"stores-unknown-pointer", Takes::nothing, "a pointer, in which a write stores one that is found at run time",
     stores_unknown_pointer},
    {"links-to-itself", Takes::nothing, "a write stores its own address in it: the head of a linked list",
     links_to_itself},
    {"heads-stack-of-frames", Takes::nothing,
     "a pointer to what a caller gave, in which the pointer before it is kept and from which it is set back",
     heads_stack_of_frames},
    {"stores-constant-objects", Takes::nothing,
     "every write stores null, an immortal object, a small integer or an empty string, bytes object or tuple",
     stores_constant_objects},
    {"stores-only-immortal", Takes::nothing,
     "every write stores null or the address of an object that CPython shares between interpreters",
     stores_only_immortal},
    {"passed-to", Takes::trait, "its address is given to a function with this trait", passed_to},
    {"argument-of", Takes::word, "its address is given to the function of this name", argument_of},
};

} // namespace

std::span<const ObjectPredicate> value_predicates() { return value_rows; }

} // namespace ringfence
