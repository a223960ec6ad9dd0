#include "classify/index/load_guards.h"

#include <algorithm>

#include "knowledge/slot_names.h"

namespace ringfence {

namespace {

bool raises_import_error(const ProgramIndex &index, const Call &call) {
  const CallArgument *first = call.arguments.empty() ? nullptr : &call.arguments.front();
  if (!first || first->kind != CallArgument::Kind::object || first->target >= index.program.objects.size())
    return false;
  const ApiEntry *exception = index.tables.object(index.program.objects[first->target].name);
  return exception && exception->has("import-error");
}

bool raises_import_error(const ProgramIndex &index, Index function) {
  if (function >= index.calls_of.size())
    return false;
  const Range range = index.calls_of[function];
  return std::any_of(index.program.calls.begin() + range.first, index.program.calls.begin() + range.last,
                     [&](const Call &call) { return raises_import_error(index, call); });
}

// What is called first after the test, or a function that it calls itself, raises the exception.
bool refuses_after(const ProgramIndex &index, const Access &test) {
  const Call *next = nullptr;
  const Range range = index.calls_of[test.function];
  for (Index i = range.first; i < range.last; ++i) {
    const Call &call = index.program.calls[i];
    if (call.location.file == test.location.file && call.location > test.location &&
        (!next || call.location < next->location))
      next = &call;
  }
  return next && (raises_import_error(index, *next) || raises_import_error(index, next->callee));
}

bool in_initialisation(const ProgramIndex &index, const Access &access) {
  const FunctionRoles *roles = index.roles(access.function);
  return roles && roles->only_init() && (roles->exec || roles->module_init);
}

// A flag, a number, or which interpreter it was; not what is made and used later.
bool can_guard(const TypeFacts &type) {
  return (type.scalar || type.atomic) && !type.reaches_object && (!type.pointer || type.reaches_interpreter);
}

// Every write is of initialisation or of its end, and some write follows a test.
bool set_by_initialisation(const ProgramIndex &index, Index object) {
  const std::vector<Index> &sites = index.program.writes[object].sites;
  return !sites.empty() && std::all_of(sites.begin(), sites.end(), [&](Index site) {
    const FunctionRoles *roles = index.roles(index.access(site).function);
    return in_initialisation(index, index.access(site)) || (roles && roles->finalise);
  });
}

// A library's guard: rf_load_guard.
bool calls_load_guard(const ProgramIndex &index, Index function) {
  const Range range = index.calls_of[function];
  return std::any_of(index.program.calls.begin() + range.first, index.program.calls.begin() + range.last,
                     [&](const Call &call) {
                       const ApiEntry *api = index.callee_api(call);
                       return api && api->has("load-guard");
                     });
}

// It asks which interpreter loads the module. The first one after Py_Finalize has the first one's number again.
bool asks_for_interpreter(const ProgramIndex &index, Index object) {
  const std::vector<Index> &sites = index.program.writes[object].sites;
  return index.program.objects[object].type.reaches_interpreter ||
         std::any_of(sites.begin(), sites.end(), [&](Index site) {
           return index.tables.has(index.function_name(index.access(site).stored.callee), "gives-interpreter-id");
         });
}

// The flag is tested before all that the function calls, and set after it: `if (done) return 0; ...; done = 1;`.
bool frames_all_calls(const ProgramIndex &index, Index flag, Index function) {
  const Range calls = index.calls_of[function];
  const Range uses = index.accesses_of[flag];
  if (calls.first == calls.last)
    return false;
  const Location &first = index.program.calls[calls.first].location;
  const Location &last = index.program.calls[calls.last - 1].location;
  const auto any_use = [&](auto holds) {
    return std::any_of(index.program.accesses.begin() + uses.first, index.program.accesses.begin() + uses.last,
                       [&](const Access &access) { return access.function == function && holds(access); });
  };
  return any_use([&](const Access &access) {
           return access.kind == AccessKind::read && access.compared && access.location < first;
         }) &&
         any_use([&](const Access &access) {
           return access.kind == AccessKind::write && access.stored.kind == StoredValue::Kind::constant &&
                  access.tests_itself && last < access.location;
         });
}

} // namespace

Index emptying_flag(const ProgramIndex &index, Index module) {
  const Module &made = index.program.modules[module];
  const auto is_exec = [](const Slot &each) { return each.name == slot::exec && each.function != none; };
  const auto exec = std::find_if(made.slots.begin(), made.slots.end(), is_exec);
  if (exec == made.slots.end() || made.methods != none || std::count_if(exec, made.slots.end(), is_exec) != 1)
    return none;
  const std::vector<Index> &objects = index.attribution.objects_of_module[module];
  const auto flag = std::find_if(objects.begin(), objects.end(), [&](Index object) {
    return can_guard(index.program.objects[object].type) && set_by_initialisation(index, object) &&
           frames_all_calls(index, object, exec->function);
  });
  return flag == objects.end() ? none : *flag;
}

const Access *load_guard_test(const ProgramIndex &index, Index object) {
  if (!can_guard(index.program.objects[object].type) || !set_by_initialisation(index, object))
    return nullptr;
  const Range range = index.accesses_of[object];
  for (Index i = range.first; i < range.last; ++i) {
    const Access &access = index.access(i);
    const bool looks = access.kind != AccessKind::write;
    if (looks && in_initialisation(index, access) && refuses_after(index, access))
      return &access;
  }
  return nullptr;
}

LoadGuard guard_of(const ProgramIndex &index, Index module) {
  const std::vector<Index> &functions = index.attribution.functions_of_module[module];
  if (std::any_of(functions.begin(), functions.end(), [&](Index f) { return calls_load_guard(index, f); }) ||
      emptying_flag(index, module) != none)
    return LoadGuard::process;
  LoadGuard strongest = LoadGuard::none;
  for (const Index object : index.attribution.objects_of_module[module]) {
    const Access *test = load_guard_test(index, object);
    if (test && std::binary_search(functions.begin(), functions.end(), test->function))
      strongest =
          std::max(strongest, asks_for_interpreter(index, object) ? LoadGuard::interpreter : LoadGuard::process);
  }
  return strongest;
}

bool refuses_second_load(const ProgramIndex &index, Index module) { return guard_of(index, module) != LoadGuard::none; }

namespace {

// Its result is tested, or is an object that is kept, which the caller then tests.
bool can_fail(const ProgramIndex &index, const Call &call) {
  const ApiEntry *api = call.result == ResultUse::stored ? index.callee_api(call) : nullptr;
  return call.result == ResultUse::tested || (api && api->returns == "new-object");
}

} // namespace

bool set_before_failure(const ProgramIndex &index, Index object, const std::string &exception,
                        std::vector<Evidence> &evidence) {
  const auto &sites = index.program.writes[object].sites;
  for (const Index site : sites) {
    const Access &set = index.access(site);
    const FunctionRoles *roles = index.roles(set.function);
    const bool last_write = std::none_of(sites.begin(), sites.end(), [&](Index other) {
      return index.access(other).function == set.function && set.location < index.access(other).location;
    });
    const bool in_test = set.kind == AccessKind::read_modify_write; // `if (loaded++)`
    const bool after_test = set.tests_itself && set.stored.kind == StoredValue::Kind::constant;
    if (!(in_test || after_test) || !last_write || !roles || !(roles->exec || roles->module_init))
      continue;
    bool refuses = false;
    for (Index i = index.calls_of[set.function].first; i < index.calls_of[set.function].last; ++i) {
      const Call &call = index.program.calls[i];
      const bool raises = !call.arguments.empty() && call.arguments[0].kind == CallArgument::Kind::object &&
                          call.arguments[0].target != none &&
                          index.program.objects[call.arguments[0].target].name == exception;
      refuses |= raises && (in_test || call.location < set.location);
      if (!refuses || raises || call.location <= set.location || !can_fail(index, call))
        continue;
      evidence.push_back(index.evidence(set, "set here"));
      evidence.push_back(index.evidence(call, "can fail afterwards"));
      return true;
    }
  }
  return false;
}

} // namespace ringfence
