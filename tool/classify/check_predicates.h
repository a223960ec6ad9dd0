// The predicates that only check rules use, grouped by subject. The tables that name them are in call_predicates.cc,
// function_predicates.cc, module_predicates.cc, type_predicates.cc and predicates.cc.
#pragma once

#include "classify/predicate.h"

namespace ringfence {

#define RINGFENCE_PREDICATE(name)                                                                                      \
  bool name(const Context &context, Index subject, const std::string &word, std::vector<Evidence> &evidence)

// checks_calls.cc: what is called, with what, from where
namespace call_predicate {
RINGFENCE_PREDICATE(callee_outside);
RINGFENCE_PREDICATE(result_ignored);
RINGFENCE_PREDICATE(argument_is_null);
RINGFENCE_PREDICATE(argument_is_global);
RINGFENCE_PREDICATE(argument_is_shared_member);
RINGFENCE_PREDICATE(locked);
RINGFENCE_PREDICATE(argument_holds_object);
RINGFENCE_PREDICATE(argument_is_own_type);
RINGFENCE_PREDICATE(argument_function_uses_python);
RINGFENCE_PREDICATE(gil_released_around);
RINGFENCE_PREDICATE(argument_is_multi_phase);
RINGFENCE_PREDICATE(only_in_init);
RINGFENCE_PREDICATE(in_finalise);
RINGFENCE_PREDICATE(in_critical_section);
RINGFENCE_PREDICATE(under_blocking_lock);
RINGFENCE_PREDICATE(under_lock_or_once);
} // namespace call_predicate

// checks_entities.cc: functions, modules, types and objects as a whole
namespace function_predicate {
RINGFENCE_PREDICATE(writes_object_at_risk);
RINGFENCE_PREDICATE(runs_under);
RINGFENCE_PREDICATE(name_begins);
RINGFENCE_PREDICATE(generated_by);
RINGFENCE_PREDICATE(in_guarded_module); // load_guards.cc
} // namespace function_predicate

namespace module_predicate {
RINGFENCE_PREDICATE(state_holds_objects);
RINGFENCE_PREDICATE(uses_objects_at_risk);
RINGFENCE_PREDICATE(create_slot_returns_global);
RINGFENCE_PREDICATE(refuses_second_load); // load_guards.cc
RINGFENCE_PREDICATE(has_cython_module_state);
RINGFENCE_PREDICATE(create_slot_calls_any_with);
RINGFENCE_PREDICATE(uses_cython_global);
} // namespace module_predicate

namespace object_predicate {
RINGFENCE_PREDICATE(name_begins);
RINGFENCE_PREDICATE(generated_by);
RINGFENCE_PREDICATE(type_contains);
RINGFENCE_PREDICATE(caches_call_once_value);
RINGFENCE_PREDICATE(used_by_several_modules);
RINGFENCE_PREDICATE(read_outside_its_lock);
RINGFENCE_PREDICATE(written_in_lambda);
RINGFENCE_PREDICATE(guards_load_too_early);
} // namespace object_predicate

// checks_hygiene.cc: units, and comments that allow a finding
namespace unit_predicate {
RINGFENCE_PREDICATE(status);
RINGFENCE_PREDICATE(uncovered);
RINGFENCE_PREDICATE(has_inactive_declarations);
} // namespace unit_predicate

namespace allowance_predicate {
RINGFENCE_PREDICATE(unused);
RINGFENCE_PREDICATE(without_reason);
} // namespace allowance_predicate

#undef RINGFENCE_PREDICATE

} // namespace ringfence
