// The predicates of module rules: how a module is initialised, what it claims, and what its code shows.
#include <algorithm>

#include "base/text.h"
#include "classify/index/generator.h"
#include "classify/index/load_guards.h"
#include "classify/index/not_read.h"
#include "classify/index/reach.h"
#include "classify/predicates/predicate.h"
#include "classify/predicates/standing.h"
#include "knowledge/slot_names.h"

namespace ringfence {

namespace {

bool single_phase(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const Module &module = p.program.modules[m];
  if (module.init != InitKind::single_phase)
    return false;
  evidence.push_back({p.place(module.location), {}, "its init function returns a finished module"});
  return true;
}

bool multi_phase(const ProgramIndex &p, Index m, Word, Evidences &) {
  return p.program.modules[m].init == InitKind::multi_phase || p.program.modules[m].init == InitKind::export_slots;
}

bool has_slot(const ProgramIndex &p, Index m, Word name, Evidences &evidence) {
  for (const Slot &slot : p.program.modules[m].slots)
    if (slot.name == name) {
      evidence.push_back({p.place(slot.location), {}, "has the slot " + name});
      return true;
    }
  return false;
}

bool claims(const ProgramIndex &, const Verdicts &v, Index m, Word claim, Evidences &evidence) {
  const ReportedModule &module = v.modules[m];
  for (const auto &[topic, value] : module.claims)
    if (topic + "=" + value == claim) {
      evidence.push_back({module.place, {}, "claims " + topic + ": " + value});
      return true;
    }
  return false;
}

bool claims_about(const ProgramIndex &, const Verdicts &v, Index m, Word topic, Evidences &) {
  return v.modules[m].claims.contains(topic);
}

bool claim_not_read(const ProgramIndex &p, Index m, Word slot, Evidences &) {
  return !not_read(p, p.program.modules[m], slot).empty();
}

// The objects and findings that refute the claim are the evidence.
bool refuted_under(const ProgramIndex &p, const Verdicts &v, Index m, Word profile, Evidences &evidence) {
  const auto found = v.modules[m].verified.find(profile);
  if (found == v.modules[m].verified.end() || found->second.verdict != ClaimVerdict::refuted)
    return false;
  for (const std::string &id : found->second.refuted_by)
    if (const auto object = p.object_by_id.find(id); object != p.object_by_id.end()) {
      const ReportedObject &reported = v.objects[object->second];
      const std::string verdict = reported.verdict.empty() ? "" : " (" + reported.verdict + ")"; // none of a member
      evidence.push_back({reported.place, reported.subject.function, "it uses " + reported.subject.name + verdict});
    } else {
      evidence.push_back({v.modules[m].place, "", "there is a problem of high risk in it: " + id});
    }
  return true;
}

bool state_size_is(const ProgramIndex &p, Index m, Word size, Evidences &) {
  return std::to_string(p.program.modules[m].state_size) == size;
}
bool has_state(const ProgramIndex &p, Index m, Word, Evidences &) { return p.program.modules[m].state_size > 0; }
bool has_traverse(const ProgramIndex &p, Index m, Word, Evidences &) { return p.program.modules[m].traverse != none; }
bool has_clear(const ProgramIndex &p, Index m, Word, Evidences &) { return p.program.modules[m].clear != none; }
bool has_free(const ProgramIndex &p, Index m, Word, Evidences &) { return p.program.modules[m].free != none; }

bool ends_with_untested_state(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const Module &module = p.program.modules[m];
  for (const Index function : {module.traverse, module.clear, module.free}) {
    const Call *asks = first_call(
        p, function, [&](const Call &call) { return call.result != ResultUse::tested && gives_module(p, call); });
    if (!asks)
      continue;
    evidence.push_back(p.evidence(*asks, "asks for the state, and does not test it"));
    return true;
  }
  return false;
}

bool bound_by(const ProgramIndex &p, Index m, Word binding, Evidences &) {
  return p.program.modules[m].binding == binding;
}

bool state_holds_objects(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  const Index definition = p.program.modules[m].definition;
  if (definition >= p.initialisers_of.size())
    return false;
  for (Index i = p.initialisers_of[definition].first; i < p.initialisers_of[definition].last; ++i) {
    const InitialiserEntry &entry = p.program.initialisers[i];
    if (entry.path != ".m_size" || entry.kind != InitialiserEntry::Kind::integer || entry.string.empty())
      continue;
    evidence.push_back({p.place(entry.location), {}, entry.string + " holds objects"});
    return true;
  }
  return false;
}

bool uses_objects_at_risk(const ProgramIndex &p, const Verdicts &v, Index m, Word profile, Evidences &evidence) {
  for (const Index object : p.attribution.objects_of_module[m]) {
    if (!at_risk(p, v, object, profile, Risk::high))
      continue;
    const ReportedObject &reported = v.objects[object];
    evidence.push_back(
        {reported.place, reported.subject.function, reported.subject.name + " is " + with_article(reported.verdict)});
    return true;
  }
  return false;
}

bool create_slot_returns_global(const ProgramIndex &p, Index m, Word, Evidences &evidence) {
  for (const Slot &slot : p.program.modules[m].slots) {
    if (slot.name != slot::create || slot.function == none)
      continue;
    for (const Index object : p.attribution.objects_of_module[m]) {
      const WriteSummary &writes = p.program.writes[object];
      const auto written_here = [&](Index site) { return p.access(site).function == slot.function; };
      if (!p.program.objects[object].type.reaches_object ||
          std::none_of(writes.sites.begin(), writes.sites.end(), written_here))
        continue;
      evidence.push_back({p.place(slot.location), {}, p.program.objects[object].name + " keeps it"});
      return true;
    }
  }
  return false;
}

// Cython with CYTHON_USE_MODULE_STATE gives the module a state; without it m_size is -1 or 0.
bool has_cython_module_state(const ProgramIndex &p, Index m, Word, Evidences &) {
  return p.program.modules[m].state_size > 0;
}

bool create_slot_calls_any_with(const ProgramIndex &p, Index m, Word trait, Evidences &evidence) {
  const std::vector<Index> &own = p.attribution.functions_of_module[m];
  for (const Slot &slot : p.program.modules[m].slots) {
    if (slot.name != slot::create || slot.function == none)
      continue;
    const Call *call = find_call_from(p, slot.function, [&](const Call &each) {
      const ApiEntry *api = p.callee_api(each);
      return api && api->has(trait) && std::binary_search(own.begin(), own.end(), each.caller);
    });
    if (!call)
      continue;
    evidence.push_back(p.evidence(*call, "calls " + p.program.functions[call->callee].name));
    return true;
  }
  return false;
}

// Module-level cdef variables that hold objects or are written.
bool uses_cython_global(const ProgramIndex &p, const Verdicts &v, Index m, Word, Evidences &evidence) {
  for (const Index object : p.attribution.objects_of_module[m]) {
    const ReportedObject &reported = v.objects[object];
    if (!in_inventory(p.program.objects[object]) || !written_by_project(p.tables, reported) ||
        !(reported.holds_objects || reported.writes != WriteClass::never))
      continue;
    evidence.push_back({reported.place, {}, reported.subject.name + " is " + with_article(reported.verdict)});
  }
  return !evidence.empty();
}

// By an object of it, or a library's guard; or one that is set too early, but a guard: RF311.
bool stops_second_load(const ProgramIndex &p, Index m, Word exception, Evidences &) {
  const std::vector<Index> &objects = p.attribution.objects_of_module[m];
  return refuses_second_load(p, m) || std::any_of(objects.begin(), objects.end(), [&](Index object) {
           Evidences unused;
           return set_before_failure(p, object, exception, unused);
         });
}

constexpr Predicate module_rows[] = {
    {"single-phase", Takes::nothing, "its init function returns a finished module", single_phase},
    {"multi-phase", Takes::nothing, "its init function returns a definition with slots", multi_phase},
    {"has-slot", Takes::word, "its definition has this slot", has_slot},
    {"claims", Takes::word, "it claims this: \"multiple-interpreters=per-interpreter-gil\", \"gil=not-used\"", claims},
    {"claims-about", Takes::word, "it claims something about this: \"multiple-interpreters\", \"gil\"", claims_about},
    {"claim-not-read", Takes::word,
     "what could hold this slot was not read: an error, or a branch that the preprocessor did not take: \"Py_mod_gil\"",
     claim_not_read},
    {"refuted-under", Takes::word, "objects that it uses refute what it claims for this profile", refuted_under},
    {"state-size-is", Takes::number, "m_size has this value", state_size_is},
    {"has-state", Takes::nothing, "m_size is above zero", has_state},
    {"has-traverse", Takes::nothing, "m_traverse is set", has_traverse},
    {"has-clear", Takes::nothing, "m_clear is set", has_clear},
    {"has-free", Takes::nothing, "m_free is set", has_free},
    {"ends-with-untested-state", Takes::nothing,
     "m_traverse, m_clear or m_free asks for the module's state, and does not test the answer",
     ends_with_untested_state},
    {"bound-by", Takes::word, "its init function was written by this generator: \"cython\", \"pybind11\"", bound_by},
    {"state-holds-objects", Takes::nothing, "m_size is the size of a struct that leads to Python objects",
     state_holds_objects},
    {"uses-objects-at-risk", Takes::word, "uses an object whose risk under this profile is high", uses_objects_at_risk},
    {"refuses-second-load", Takes::word,
     "an object that it uses, or a library's guard, stops a second load, perhaps by raising this exception",
     stops_second_load},
    {"create-slot-returns-global", Takes::nothing, "its Py_mod_create function keeps the module in a global",
     create_slot_returns_global},
    {"create-slot-calls-any-with", Takes::trait,
     "its Py_mod_create function leads to a call of a function with this trait", create_slot_calls_any_with},
    {"uses-cython-global", Takes::nothing, "uses a cdef variable at module level that holds an object or is written",
     uses_cython_global},
    {"has-cython-module-state", Takes::nothing, "Cython was told to keep the state per module",
     has_cython_module_state},
};

} // namespace

std::span<const Predicate> module_predicates() { return module_rows; }

} // namespace ringfence
