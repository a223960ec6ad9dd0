#include "classify/load_guards.h"

#include <algorithm>

#include "classify/check_predicates.h"
#include "classify/object_predicates.h"

namespace ringfence {

namespace {

bool raises_import_error(const Context &context, const Call &call) {
  const CallArgument *first = call.arguments.empty() ? nullptr : &call.arguments.front();
  if (!first || first->kind != CallArgument::Kind::object || first->target >= context.program.objects.size())
    return false;
  const ApiEntry *exception = context.tables.object(context.program.objects[first->target].name);
  return exception && exception->has("import-error");
}

bool raises_import_error(const Context &context, Index function) {
  if (function >= context.calls_of.size())
    return false;
  const Range range = context.calls_of[function];
  return std::any_of(context.program.calls.begin() + range.first, context.program.calls.begin() + range.last,
                     [&](const Call &call) { return raises_import_error(context, call); });
}

// What is called first after the test, or a function that it calls itself, raises the exception.
bool refuses_after(const Context &context, const Access &test) {
  const Call *next = nullptr;
  const Range range = context.calls_of[test.function];
  for (Index i = range.first; i < range.last; ++i) {
    const Call &call = context.program.calls[i];
    if (call.location.file == test.location.file && call.location > test.location &&
        (!next || call.location < next->location))
      next = &call;
  }
  return next && (raises_import_error(context, *next) || raises_import_error(context, next->callee));
}

bool in_initialisation(const Context &context, const Access &access) {
  const FunctionRoles *roles = context.roles(access.function);
  return roles && roles->only_init() && (roles->exec || roles->module_init);
}

// A flag, a number, or which interpreter it was; not what is made and used later.
bool can_guard(const TypeFacts &type) {
  return (type.scalar || type.atomic) && !type.reaches_object && (!type.pointer || type.reaches_interpreter);
}

// Every write is of initialisation or of its end, and some write follows a test.
bool set_by_initialisation(const Context &context, Index object) {
  const std::vector<Index> &sites = context.program.writes[object].sites;
  return !sites.empty() && std::all_of(sites.begin(), sites.end(), [&](Index site) {
    const FunctionRoles *roles = context.roles(context.access(site).function);
    return in_initialisation(context, context.access(site)) || (roles && roles->finalise);
  });
}

// A library's guard: rf_load_guard.
bool calls_load_guard(const Context &context, Index function) {
  const Range range = context.calls_of[function];
  return std::any_of(context.program.calls.begin() + range.first, context.program.calls.begin() + range.last,
                     [&](const Call &call) {
                       const ApiEntry *api = context.callee_api(call);
                       return api && api->has("load-guard");
                     });
}

// It asks which interpreter loads the module. The first one after Py_Finalize has the first one's number again.
bool asks_for_interpreter(const Context &context, Index object) {
  const std::vector<Index> &sites = context.program.writes[object].sites;
  return context.program.objects[object].type.reaches_interpreter ||
         std::any_of(sites.begin(), sites.end(), [&](Index site) {
           return context.tables.has(context.function_name(context.access(site).stored.callee), "gives-interpreter-id");
         });
}

// What a module refuses: nothing, a second interpreter, or a second load in the process. The order is that of strength.
enum class LoadGuard { none, interpreter, process };

LoadGuard guard_of(const Context &context, Index module) {
  const std::vector<Index> &functions = context.functions_of_module[module];
  if (std::any_of(functions.begin(), functions.end(), [&](Index f) { return calls_load_guard(context, f); }))
    return LoadGuard::process;
  LoadGuard strongest = LoadGuard::none;
  for (const Index object : context.objects_of_module[module]) {
    const Access *test = load_guard_test(context, object);
    if (test && std::binary_search(functions.begin(), functions.end(), test->function))
      strongest =
          std::max(strongest, asks_for_interpreter(context, object) ? LoadGuard::interpreter : LoadGuard::process);
  }
  return strongest;
}

} // namespace

const Access *load_guard_test(const Context &context, Index object) {
  if (!can_guard(context.program.objects[object].type) || !set_by_initialisation(context, object))
    return nullptr;
  const Range range = context.accesses_of[object];
  for (Index i = range.first; i < range.last; ++i) {
    const Access &access = context.access(i);
    const bool looks = access.kind != AccessKind::write;
    if (looks && in_initialisation(context, access) && refuses_after(context, access))
      return &access;
  }
  return nullptr;
}

bool refuses_second_load(const Context &context, Index module) { return guard_of(context, module) != LoadGuard::none; }

void lower_guarded_state(Context &context) {
  std::vector<LoadGuard> guards;
  for (Index module = 0; module < context.program.modules.size(); ++module)
    guards.push_back(guard_of(context, module));
  for (Index object = 0; object < context.objects.size(); ++object) {
    LoadGuard guard = context.modules_of_object[object].empty() ? LoadGuard::none : LoadGuard::process;
    for (const Index module : context.modules_of_object[object])
      guard = std::min(guard, guards[module]);
    if (guard == LoadGuard::none)
      continue;
    ReportedObject &reported = context.objects[object];
    const auto lower = [&](Profile profile, Risk limit) {
      Risk &risk = reported.risk[static_cast<std::size_t>(profile)];
      const bool lowers = risk > limit;
      risk = std::min(risk, limit);
      return lowers;
    };
    const Risk again = reported.risk[static_cast<std::size_t>(Profile::multi_init)];
    const bool keeps_objects = guard == LoadGuard::interpreter && again == Risk::high;
    const bool lowered =
        lower(Profile::shared_gil, Risk::low) | lower(Profile::multi_init, keeps_objects ? Risk::medium : Risk::low);
    if (lowered)
      reported.risk_note +=
          std::string(reported.risk_note.empty() ? "" : "; ") +
          (keeps_objects ? "a load in a second interpreter is refused, though not one after Py_Finalize"
                         : "a second load is refused");
  }
}

} // namespace ringfence

namespace ringfence::object_predicate {

bool refuses_second_load(const Context &context, Index object, const std::string &, std::vector<Evidence> &evidence) {
  const Access *test = load_guard_test(context, object);
  if (test)
    evidence.push_back(context.evidence(*test, "where it is set, ImportError is raised"));
  return test != nullptr;
}

} // namespace ringfence::object_predicate

namespace ringfence::module_predicate {

bool refuses_second_load(const Context &context, Index module, const std::string &exception, std::vector<Evidence> &) {
  const std::vector<Index> &objects = context.objects_of_module[module];
  return ringfence::refuses_second_load(context, module) ||
         std::any_of(objects.begin(), objects.end(), [&](Index object) {
           std::vector<Evidence> unused; // set too early, but a guard: RF311
           return object_predicate::guards_load_too_early(context, object, exception, unused);
         });
}

} // namespace ringfence::module_predicate

namespace ringfence::function_predicate {

bool in_guarded_module(const Context &context, Index function, const std::string &, std::vector<Evidence> &) {
  bool some = false;
  for (Index module = 0; module < context.program.modules.size(); ++module) {
    const std::vector<Index> &functions = context.functions_of_module[module];
    if (!std::binary_search(functions.begin(), functions.end(), function))
      continue;
    if (!refuses_second_load(context, module))
      return false;
    some = true;
  }
  return some;
}

} // namespace ringfence::function_predicate
