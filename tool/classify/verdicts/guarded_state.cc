#include "classify/verdicts/guarded_state.h"

#include <algorithm>

#include "classify/index/load_guards.h"

namespace ringfence {

void lower_guarded_state(const ProgramIndex &index, std::vector<ReportedObject> &objects) {
  std::vector<LoadGuard> guards;
  guards.reserve(index.program.modules.size());
  for (Index module = 0; module < index.program.modules.size(); ++module)
    guards.push_back(guard_of(index, module));
  for (Index object = 0; object < objects.size(); ++object) {
    LoadGuard guard = index.attribution.modules_of_object[object].empty() ? LoadGuard::none : LoadGuard::process;
    for (const Index module : index.attribution.modules_of_object[object])
      guard = std::min(guard, guards[module]);
    if (guard == LoadGuard::none)
      continue;
    ReportedObject &reported = objects[object];
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

namespace {

// Called by nothing that Python code can reach: exported by a library of C, or a function of one unit alone that no
// module or table leads to. Methods are left out, since calls through a class's table may not be seen.
bool is_called_by_nothing(const ProgramIndex &index, Index function) {
  const FunctionRoles *roles = index.roles(function);
  const Function &called = index.program.functions[function];
  if (!roles || roles->python_callable || roles->callback || roles->finalise)
    return false;
  return roles->external ? !called.id.starts_with("_Z")
                         : !called.external_linkage && called.name.find("::") == std::string::npos &&
                               !roles->module_init && !roles->exec && !roles->lifecycle;
}

} // namespace

void lower_uncalled_state(const ProgramIndex &index, std::vector<ReportedObject> &objects) {
  for (Index object = 0; object < objects.size() && !index.program.modules.empty(); ++object) {
    const Range range = index.accesses_of[object];
    bool some = false, all = true;
    for (Index i = range.first; i < range.last && all; ++i)
      if (const Access &access = index.access(i); access.function != none) {
        some = true;
        all = is_called_by_nothing(index, access.function);
      }
    ReportedObject &reported = objects[object];
    if (!some || !all || reported.holds_objects ||
        index.program.is_of_interpreter(index.program.objects[object].location.file))
      continue;
    bool lowered = false;
    for (Risk &risk : reported.risk)
      if (risk == Risk::high) {
        risk = Risk::medium;
        lowered = true;
      }
    if (lowered)
      reported.risk_note +=
          std::string(reported.risk_note.empty() ? "" : "; ") + "only functions use it that nothing here calls";
  }
}

} // namespace ringfence
