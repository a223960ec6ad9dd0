// The predicates of object rules, grouped by the kind of fact they read. The table that names them is in predicates.cc.
#pragma once

#include "classify/predicate.h"

namespace ringfence::object_predicate {

using Evidences = std::vector<Evidence>;
#define RINGFENCE_PREDICATE(name)                                                                                      \
  bool name(const Context &context, Index object, const std::string &word, Evidences &evidence)

// declaration_predicates.cc: the declaration and its type
RINGFENCE_PREDICATE(deep_const);
RINGFENCE_PREDICATE(top_const);
RINGFENCE_PREDICATE(scalar);
RINGFENCE_PREDICATE(pointer);
RINGFENCE_PREDICATE(array);
RINGFENCE_PREDICATE(one_word);
RINGFENCE_PREDICATE(atomic_type);
RINGFENCE_PREDICATE(reaches_object);
RINGFENCE_PREDICATE(object_by_value);
RINGFENCE_PREDICATE(type_by_value);
RINGFENCE_PREDICATE(reaches_interpreter);
RINGFENCE_PREDICATE(reaches_void);
RINGFENCE_PREDICATE(function_pointer);
RINGFENCE_PREDICATE(data_pointer);
RINGFENCE_PREDICATE(lock_type);
RINGFENCE_PREDICATE(handle_type);
RINGFENCE_PREDICATE(owns_object);
RINGFENCE_PREDICATE(thread_local_storage);
RINGFENCE_PREDICATE(function_local);
RINGFENCE_PREDICATE(external_linkage);
RINGFENCE_PREDICATE(dynamic_initialiser);
RINGFENCE_PREDICATE(initialised);
RINGFENCE_PREDICATE(in_header);
RINGFENCE_PREDICATE(outside);
RINGFENCE_PREDICATE(in_runtime_library);
RINGFENCE_PREDICATE(from_macro);
RINGFENCE_PREDICATE(record);
RINGFENCE_PREDICATE(record_trait);
RINGFENCE_PREDICATE(type_name_trait);
RINGFENCE_PREDICATE(only_declared);
RINGFENCE_PREDICATE(storage);
RINGFENCE_PREDICATE(object_trait);
RINGFENCE_PREDICATE(character_array);

// initialiser_predicates.cc: what the initialiser leads to
RINGFENCE_PREDICATE(refers_to_static_object);
RINGFENCE_PREDICATE(refers_to_immortal);
RINGFENCE_PREDICATE(initialised_by_python);
RINGFENCE_PREDICATE(initialiser_runs_python);
RINGFENCE_PREDICATE(initialiser_uses_python);

// write_predicates.cc: who writes it and when
RINGFENCE_PREDICATE(never_written);
RINGFENCE_PREDICATE(named_in_unread_code);
RINGFENCE_PREDICATE(no_write_seen);
RINGFENCE_PREDICATE(written_in_init);
RINGFENCE_PREDICATE(written_in_exec);
RINGFENCE_PREDICATE(written_lazily);
RINGFENCE_PREDICATE(written_anywhere);
RINGFENCE_PREDICATE(assigned_at_run_time);
RINGFENCE_PREDICATE(escapes);
RINGFENCE_PREDICATE(passed_to_unknown);
RINGFENCE_PREDICATE(guarded);
RINGFENCE_PREDICATE(written_by_main_interpreter);
RINGFENCE_PREDICATE(used_by_main_interpreter);
RINGFENCE_PREDICATE(written_by_python_callable);
RINGFENCE_PREDICATE(written_in_finalise);
RINGFENCE_PREDICATE(reachable_from_python);
RINGFENCE_PREDICATE(tested_as_flag);
RINGFENCE_PREDICATE(flags_whole_words);
RINGFENCE_PREDICATE(flags_objects);
RINGFENCE_PREDICATE(filled_by_element);
RINGFENCE_PREDICATE(counts);
RINGFENCE_PREDICATE(leaves_its_function);
RINGFENCE_PREDICATE(taken_back);
RINGFENCE_PREDICATE(only_compared);
RINGFENCE_PREDICATE(read_somewhere);
RINGFENCE_PREDICATE(passed_with);
RINGFENCE_PREDICATE(used_as_lock);
RINGFENCE_PREDICATE(toggled); // use_predicates.cc

// load_guards.cc: what lets one interpreter alone load a module
RINGFENCE_PREDICATE(refuses_second_load);

// value_predicates.cc: what is stored
RINGFENCE_PREDICATE(holds_object);
RINGFENCE_PREDICATE(stores_object);
RINGFENCE_PREDICATE(stores_static_object);
RINGFENCE_PREDICATE(stores_result_of);
RINGFENCE_PREDICATE(stores_call_of);
RINGFENCE_PREDICATE(stores_memory);
RINGFENCE_PREDICATE(stores_unknown_result);
RINGFENCE_PREDICATE(stores_given_value);
RINGFENCE_PREDICATE(stores_flags);
RINGFENCE_PREDICATE(stores_function);
RINGFENCE_PREDICATE(stores_parameter);
RINGFENCE_PREDICATE(stores_only_constants);
RINGFENCE_PREDICATE(stores_fixed_values);
RINGFENCE_PREDICATE(stores_fixed_addresses);
RINGFENCE_PREDICATE(stores_unknown_pointer);
RINGFENCE_PREDICATE(links_to_itself);
RINGFENCE_PREDICATE(stores_only_immortal);
RINGFENCE_PREDICATE(passed_to);
RINGFENCE_PREDICATE(argument_of);

#undef RINGFENCE_PREDICATE

} // namespace ringfence::object_predicate
