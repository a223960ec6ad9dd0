// The predicates of module rules: how a module is initialised, what it claims, and what its code shows.
#include <algorithm>

#include "classify/check_predicates.h"
#include "classify/not_read.h"

namespace ringfence {

namespace {

using Word = const std::string &;
using Evidences = std::vector<Evidence>;

bool single_phase(const Context &c, Index m, Word, Evidences &evidence) {
  const Module &module = c.program.modules[m];
  if (module.init != InitKind::single_phase)
    return false;
  evidence.push_back({c.place(module.location), {}, "its init function returns a finished module"});
  return true;
}

bool multi_phase(const Context &c, Index m, Word, Evidences &) {
  return c.program.modules[m].init == InitKind::multi_phase || c.program.modules[m].init == InitKind::export_slots;
}

bool has_slot(const Context &c, Index m, Word name, Evidences &evidence) {
  for (const Slot &slot : c.program.modules[m].slots)
    if (slot.name == name) {
      evidence.push_back({c.place(slot.location), {}, "has the slot " + name});
      return true;
    }
  return false;
}

bool claims(const Context &c, Index m, Word claim, Evidences &evidence) {
  const ReportedModule &module = c.modules[m];
  for (const auto &[topic, value] : module.claims)
    if (topic + "=" + value == claim) {
      evidence.push_back({module.place, {}, "claims " + topic + ": " + value});
      return true;
    }
  return false;
}

bool claims_about(const Context &c, Index m, Word topic, Evidences &) { return c.modules[m].claims.contains(topic); }

bool claim_not_read(const Context &c, Index m, Word slot, Evidences &) {
  return !not_read(c, c.program.modules[m], slot).empty();
}

// The objects and findings that refute the claim are the evidence.
bool refuted_under(const Context &c, Index m, Word profile, Evidences &evidence) {
  const auto found = c.modules[m].verified.find(profile);
  if (found == c.modules[m].verified.end() || found->second.verdict != ClaimVerdict::refuted)
    return false;
  for (const std::string &id : found->second.refuted_by)
    if (const auto object = c.object_by_id.find(id); object != c.object_by_id.end()) {
      const ReportedObject &reported = c.objects[object->second];
      evidence.push_back(
          {reported.place, reported.subject.function, "it uses " + reported.name + " (" + reported.verdict + ")"});
    } else {
      evidence.push_back({c.modules[m].place, "", "a finding of high risk: " + id});
    }
  return true;
}

bool state_size_is(const Context &c, Index m, Word size, Evidences &) {
  return std::to_string(c.program.modules[m].state_size) == size;
}
bool has_state(const Context &c, Index m, Word, Evidences &) { return c.program.modules[m].state_size > 0; }
bool has_traverse(const Context &c, Index m, Word, Evidences &) { return c.program.modules[m].traverse != none; }
bool has_clear(const Context &c, Index m, Word, Evidences &) { return c.program.modules[m].clear != none; }
bool has_free(const Context &c, Index m, Word, Evidences &) { return c.program.modules[m].free != none; }
bool bound_by(const Context &c, Index m, Word binding, Evidences &) { return c.program.modules[m].binding == binding; }

constexpr Predicate table[] = {
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
    {"bound-by", Takes::word, "its init function was written by this generator: \"cython\", \"pybind11\"", bound_by},
    {"state-holds-objects", Takes::nothing, "m_size is the size of a struct that leads to Python objects",
     module_predicate::state_holds_objects},
    {"uses-objects-at-risk", Takes::word, "uses an object whose risk under this profile is high",
     module_predicate::uses_objects_at_risk},
    {"refuses-second-load", Takes::word,
     "an object that it uses, or a library's guard, stops a second load, perhaps by raising this exception",
     module_predicate::refuses_second_load},
    {"create-slot-returns-global", Takes::nothing, "its Py_mod_create function keeps the module in a global",
     module_predicate::create_slot_returns_global},
    {"create-slot-calls-any-with", Takes::trait,
     "its Py_mod_create function leads to a call of a function with this trait",
     module_predicate::create_slot_calls_any_with},
    {"uses-cython-global", Takes::nothing, "uses a cdef variable at module level that holds an object or is written",
     module_predicate::uses_cython_global},
    {"has-cython-module-state", Takes::nothing, "Cython was told to keep the state per module",
     module_predicate::has_cython_module_state},
};

} // namespace

std::span<const Predicate> module_predicates() { return table; }

} // namespace ringfence
