#include "classify/verdicts/claims.h"

#include <algorithm>
#include <optional>
#include <set>

#include "classify/index/load_guards.h"
#include "classify/index/not_read.h"
#include "classify/verdicts/verdict.h"
#include "knowledge/slot_names.h"
#include "report/claims.h"
#include "report/names.h"

namespace ringfence {

namespace {

// The values of Py_mod_multiple_interpreters and Py_mod_gil, from moduleobject.h.
const std::vector<std::string> interpreter_values = {"not-supported", "supported", "per-interpreter-gil"};
const std::vector<std::string> gil_values = {"used", "not-used"};

void claim(ReportedModule &module, const std::string &topic, const std::vector<std::string> &values,
           std::int64_t value) {
  if (value >= 0 && static_cast<std::size_t>(value) < values.size())
    module.claims[topic] = values[static_cast<std::size_t>(value)];
}

// Whether the argument at this position is the constant false.
bool says_no(const Call &call, std::size_t position) {
  return position < call.arguments.size() && call.arguments[position].kind == CallArgument::Kind::integer &&
         call.arguments[position].integer == 0;
}

void claims_by_slots(const Module &module, ReportedModule &reported) {
  for (const Slot &slot : module.slots) {
    if (slot.name == slot::multiple_interpreters)
      claim(reported, claim_interpreters, interpreter_values, slot.integer);
    if (slot.name == slot::gil)
      claim(reported, claim_gil, gil_values, slot.integer);
  }
}

// The claims that are calls in the module's init function: the tags of pybind11's module macro, which denies support
// for interpreters where no tag says otherwise. PyUnstable_Module_SetGIL stands among the module's slots.
void claims_by_calls(const ProgramIndex &index, const Module &module, ReportedModule &reported) {
  if (module.init_function >= index.calls_of.size())
    return;
  const Range range = index.calls_of[module.init_function];
  bool by_tags = false;
  for (Index i = range.first; i < range.last; ++i) {
    const Call &call = index.program.calls[i];
    if (call.callee >= index.program.functions.size())
      continue;
    const ApiEntry *known = index.tables.function(index.program.functions[call.callee].name);
    if (!known)
      continue;
    if (known->has("claims-no-gil"))
      claim(reported, claim_gil, gil_values, says_no(call, 1) ? 0 : 1);
    by_tags |= known->has("claims-by-tags");
    if (known->has("claims-own-gil"))
      reported.claims[claim_interpreters] = "per-interpreter-gil";
    if (known->has("claims-shared-gil"))
      reported.claims[claim_interpreters] = "supported";
    if (known->has("denies-interpreters"))
      reported.claims[claim_interpreters] = "not-supported";
  }
  if (by_tags)
    reported.claims.try_emplace(claim_interpreters, "not-supported");
}

// The objects of a module whose risk under a profile is at least this.
std::vector<std::string> objects_at_risk(const ProgramIndex &index, const std::vector<ReportedObject> &objects,
                                         Index module, Profile profile, Risk least) {
  std::vector<std::string> ids;
  for (const Index object : index.attribution.objects_of_module[module]) {
    const ReportedObject &reported = objects[object];
    if (in_inventory(index.program.objects[object]) && risk_of(reported.risk, profile) >= least)
      ids.push_back(reported.subject.id());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

// What the headers of a module's binding put into it: their functions are not read, so that no way leads there. A
// claim of support is made for Pythons in which they find each interpreter's own.
std::vector<std::string> binding_at_risk(const ProgramIndex &index, const std::vector<ReportedObject> &objects,
                                         const Module &module, Profile profile, Risk least) {
  std::vector<std::string> ids;
  for (Index object = 0; object < objects.size() && !module.binding.empty(); ++object) {
    const ReportedObject &reported = objects[object];
    if (index.program.objects[object].outside && reported.generated_by == module.binding &&
        index.attribution.modules_of_object[object].empty() && risk_of(reported.risk, profile) >= least)
      ids.push_back(reported.subject.id());
  }
  return ids;
}

// The slot that says whether a module works in the world of a profile; empty where none does.
std::string slot_of(Profile profile) {
  switch (profile) {
  case Profile::shared_gil:
  case Profile::own_gil:
    return std::string(slot::multiple_interpreters);
  case Profile::free_threaded:
    return std::string(slot::gil);
  case Profile::multi_init:
    break;
  }
  return {};
}

// A claim of support is false where an object breaks; one that denies it holds where any is not safe, and could go
// further where none is and all was read. Silence is one only where all was read.
ReportedModule::Verification verify(const ProgramIndex &index, const std::vector<ReportedObject> &objects, Index module,
                                    std::optional<bool> says_so, Profile profile) {
  const bool denies = says_so && !*says_so;
  std::vector<std::string> against =
      objects_at_risk(index, objects, module, profile, denies ? Risk::medium : Risk::high);
  if (against.empty() && (denies || profile == Profile::multi_init))
    against =
        binding_at_risk(index, objects, index.program.modules[module], profile, denies ? Risk::medium : Risk::high);
  if (!says_so || profile == Profile::multi_init)
    if (std::string reason = init_not_read(index, index.program.modules[module]); !reason.empty())
      return {ClaimVerdict::not_read, std::move(against), std::move(reason)};
  if (!says_so || (denies && against.empty()))
    if (std::string reason = not_read(index, index.program.modules[module], slot_of(profile)); !reason.empty())
      return {ClaimVerdict::not_read, std::move(against), std::move(reason)};
  if (!says_so)
    return {ClaimVerdict::missing, std::move(against)};
  if (denies) {
    const bool guarded = profile != Profile::free_threaded && refuses_second_load(index, module);
    return {against.empty() && !guarded ? ClaimVerdict::could_claim_more : ClaimVerdict::holds, std::move(against)};
  }
  if (const Index flag = profile == Profile::multi_init ? emptying_flag(index, module) : none; flag != none)
    against.push_back(objects[flag].subject.id()); // the first module's objects are safe, and the next one is empty
  return {against.empty() ? ClaimVerdict::holds : ClaimVerdict::refuted, std::move(against)};
}

} // namespace

std::vector<ReportedModule> verify_claims(const ProgramIndex &index, const std::vector<ReportedObject> &objects) {
  std::vector<ReportedModule> modules;
  for (Index m = 0; m < index.program.modules.size(); ++m) {
    const Module &module = index.program.modules[m];
    ReportedModule reported{
        module.name, index.place(module.location), module.init, module.state_size, module.binding, {}, {}};
    claims_by_slots(module, reported);
    claims_by_calls(index, module, reported);
    for (const Profile profile : all_profiles)
      reported.verified[std::string(to_string(profile))] =
          verify(index, objects, m, says(reported, reported.claims, profile), profile);
    modules.push_back(std::move(reported));
  }
  return modules;
}

std::vector<ReportedModule> refute_claims(const ProgramIndex &index, const std::vector<Finding> &findings,
                                          std::vector<ReportedModule> modules) {
  for (Index m = 0; m < modules.size(); ++m) {
    std::set<std::pair<std::string, std::string_view>> functions; // file and name
    for (const Index function : index.attribution.functions_of_module[m])
      functions.emplace(index.place(index.program.functions[function].location).file,
                        index.program.functions[function].name);
    std::set<std::string> members;
    for (const Index object : index.attribution.objects_of_module[m])
      if (index.is_shared_member[object])
        members.insert(index.program.objects[object].id);
    for (const Profile profile : all_profiles) {
      ReportedModule::Verification &verified = modules[m].verified.at(std::string(to_string(profile)));
      if ((verified.verdict != ClaimVerdict::could_claim_more && verified.verdict != ClaimVerdict::holds) ||
          !verified.refuted_by.empty()) // a denial holds by what stands against it
        continue;
      std::set<std::string> against;
      for (const Finding &finding : findings)
        if (risk_of(finding.risk, profile) == Risk::high &&
            (functions.contains({finding.subject.path, finding.subject.in_function()}) ||
             members.contains(finding.subject.id())))
          against.insert(finding.subject.id());
      verified.refuted_by.assign(against.begin(), against.end());
      if (!against.empty())
        verified.verdict =
            says(modules[m], modules[m].claims, profile) == false ? ClaimVerdict::holds : ClaimVerdict::refuted;
    }
  }
  return modules;
}

} // namespace ringfence
