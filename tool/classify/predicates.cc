// The table of all predicates: the words that rule files are written in.
#include "classify/predicate.h"

#include <algorithm>
#include <array>

#include "classify/check_predicates.h"
#include "classify/object_predicates.h"

namespace ringfence {

namespace {

namespace object = object_predicate;

constexpr Predicate object_table[] = {
    // declaration and type
    {"deep-const", Takes::nothing, "const at every level that it points to", object::deep_const},
    {"top-const", Takes::nothing, "const itself, whatever it points to", object::top_const},
    {"scalar", Takes::nothing, "one arithmetic, enumeration or pointer value", object::scalar},
    {"pointer", Takes::nothing, "a pointer, or an array of pointers", object::pointer},
    {"array", Takes::nothing, "an array", object::array},
    {"one-word", Takes::nothing, "a scalar that the processor stores at once", object::one_word},
    {"atomic-type", Takes::nothing, "declared with an atomic type", object::atomic_type},
    {"reaches-object", Takes::nothing, "a pointer to a Python object is in its type or behind it",
     object::reaches_object},
    {"object-by-value", Takes::nothing, "an object struct is in it", object::object_by_value},
    {"type-by-value", Takes::nothing, "a PyTypeObject is in it", object::type_by_value},
    {"reaches-interpreter", Takes::nothing, "leads to an interpreter or a thread state", object::reaches_interpreter},
    {"reaches-void", Takes::nothing, "a void pointer is in it", object::reaches_void},
    {"function-pointer", Takes::nothing, "a function pointer is in it", object::function_pointer},
    {"data-pointer", Takes::nothing, "a pointer to plain memory that is not const is in it", object::data_pointer},
    {"lock-type", Takes::nothing, "a lock, once flag or condition variable", object::lock_type},
    {"handle-type", Takes::nothing, "a handle of the C library or of a linked library", object::handle_type},
    {"owns-object", Takes::nothing, "C++: its destructor releases a Python object", object::owns_object},
    {"thread-local", Takes::nothing, "thread storage duration", object::thread_local_storage},
    {"function-local", Takes::nothing, "declared in a function", object::function_local},
    {"external-linkage", Takes::nothing, "visible to other units", object::external_linkage},
    {"dynamic-initialiser", Takes::nothing, "C++: its initialiser runs at load time or at first use",
     object::dynamic_initialiser},
    {"initialised", Takes::nothing, "has an initialiser that is not all zero", object::initialised},
    {"in-header", Takes::nothing, "declared in a header", object::in_header},
    {"outside", Takes::nothing, "declared in a file outside the project", object::outside},
    {"in-runtime-library", Takes::nothing, "declared in a copy of this project's runtime library, or in its header",
     object::in_runtime_library},
    {"from-macro", Takes::word, "declared by the expansion of this macro", object::from_macro},
    {"record", Takes::word, "of this struct, union or class, or an array of it", object::record},
    {"record-trait", Takes::trait, "of a struct that the tables give this trait", object::record_trait},
    {"type-name-trait", Takes::trait, "its type's name, or that of what it points to, has this trait in the tables",
     object::type_name_trait},
    {"only-declared", Takes::nothing, "declared, but defined by no unit of the program", object::only_declared},
    {"storage", Takes::word,
     "this kind of storage: \"file-static\", \"external\", \"inline\", \"template-static\", ...", object::storage},
    {"object-trait", Takes::trait, "a public object that the tables give this trait", object::object_trait},
    {"character-array", Takes::nothing, "an array of characters", object::character_array},
    // initialiser
    {"refers-to-static-object", Takes::nothing,
     "its initialiser takes the address of a static type or object of the program", object::refers_to_static_object},
    {"refers-to-immortal", Takes::nothing,
     "its initialiser takes only addresses of objects that CPython shares between interpreters",
     object::refers_to_immortal},
    {"initialised-by-python", Takes::nothing, "C++: its initialiser calls the Python API",
     object::initialised_by_python},
    // writes
    {"never-written", Takes::nothing, "no write, and no address that escapes to code that may write",
     object::never_written},
    {"named-in-unread-code", Takes::nothing,
     "a branch that the preprocessor did not take, or a statement with an error, names it",
     object::named_in_unread_code},
    {"no-write-seen", Takes::nothing, "no write, though its address may escape", object::no_write_seen},
    {"written-in-init", Takes::nothing, "written only in code that runs in module init or runtime start",
     object::written_in_init},
    {"written-in-exec", Takes::nothing, "written only in code that runs in module init and exec slots",
     object::written_in_exec},
    {"written-lazily", Takes::nothing, "written where it, or a flag, was tested before", object::written_lazily},
    {"written-anywhere", Takes::nothing, "written in code that can run at any time", object::written_anywhere},
    {"assigned-at-run-time", Takes::nothing,
     "it or a member of it is assigned to, not by a function that it is given to, in code that can run after init",
     object::assigned_at_run_time},
    {"escapes", Takes::nothing, "its address goes where a write cannot be excluded", object::escapes},
    {"passed-to-unknown", Takes::nothing,
     "its address is given to a function that neither the program nor the tables show", object::passed_to_unknown},
    {"guarded", Takes::nothing, "each write holds a lock other than the GIL, or is atomic", object::guarded},
    {"written-by-main-interpreter", Takes::nothing,
     "each write, but those while the runtime starts or ends, stands behind a test for the main interpreter",
     object::written_by_main_interpreter},
    {"used-by-main-interpreter", Takes::nothing, "so does each read, and its address goes nowhere else",
     object::used_by_main_interpreter},
    {"written-by-python-callable", Takes::nothing, "written in code that Python code can run",
     object::written_by_python_callable},
    {"written-in-finalise", Takes::nothing,
     "written by a deallocator or module clean-up with something that it was given: no constant, result or count",
     object::written_in_finalise},
    {"reachable-from-python", Takes::nothing, "read or written in code that Python code can run",
     object::reachable_from_python},
    {"tested-as-flag", Takes::nothing,
     "plain objects, which are read afterwards, are written only after it was tested, by a function that tests and "
     "sets it",
     object::tested_as_flag},
    {"flags-whole-words", Takes::nothing,
     "what is written only after it was tested is one word each, no pointer, and written before it is set",
     object::flags_whole_words},
    {"flags-objects", Takes::nothing, "objects that lead to Python objects are written only after it was tested",
     object::flags_objects},
    {"filled-by-element", Takes::nothing,
     "an array of numbers, each written at one place, after a test of the same element or of its like in another array",
     object::filled_by_element},
    {"counts", Takes::nothing, "incremented or decremented, and otherwise only set to constants", object::counts},
    {"initialiser-runs-python", Takes::nothing,
     "the function that initialises it leads to a call that runs Python code", object::initialiser_runs_python},
    {"initialiser-uses-python", Takes::nothing, "the function that initialises it leads to a call of the Python API",
     object::initialiser_uses_python},
    {"toggled", Takes::nothing, "set to constants by two functions at least", object::toggled},
    {"stores-flags", Takes::nothing, "every write stores a constant, or is memset", object::stores_flags},
    {"only-compared", Takes::nothing, "its value is compared or tested, and never used otherwise",
     object::only_compared},
    {"read", Takes::nothing, "some code reads it", object::read_somewhere},
    {"passed-with", Takes::trait, "it, or a table with its address, is given to a function with this trait",
     object::passed_with},
    {"used-as-lock", Takes::nothing, "a function takes it, by its own name, as a lock", object::used_as_lock},
    {"stores-unknown-result", Takes::nothing, "a write stores the result of a function that no table knows",
     object::stores_unknown_result},
    {"stores-given-value", Takes::nothing, "code that Python can run stores a value that it was given",
     object::stores_given_value},
    {"taken-back", Takes::nothing,
     "a flag that code which can run at any time finds unset, sets, and sets back when it is done: constants alone",
     object::taken_back},
    {"leaves-its-function", Takes::nothing, "its address is returned or stored elsewhere", object::leaves_its_function},
    // stored values
    {"holds-object", Takes::nothing, "a Python object can be reached from it: by type, or by what is stored in it",
     object::holds_object},
    {"stores-object", Takes::nothing, "a write stores what a call to Python returned", object::stores_object},
    {"stores-static-object", Takes::nothing, "a write stores the address of a static object or type of the program",
     object::stores_static_object},
    {"stores-result-of", Takes::trait, "a write stores the result of a function with this trait",
     object::stores_result_of},
    {"stores-call-of", Takes::word, "a write stores the result of the function of this name", object::stores_call_of},
    {"stores-memory", Takes::nothing, "a write stores memory from an allocator", object::stores_memory},
    {"stores-function", Takes::nothing, "a write stores the address of a function", object::stores_function},
    {"stores-parameter", Takes::nothing, "a write stores a parameter of its function", object::stores_parameter},
    {"stores-only-constants", Takes::nothing, "every write stores a constant", object::stores_only_constants},
    {"stores-fixed-values", Takes::nothing,
     "every write stores what is the same in the whole process: a constant, the address of a function or of plain data",
     object::stores_fixed_values},
    {"stores-fixed-addresses", Takes::nothing, "the same, or the address of a static object or type",
     object::stores_fixed_addresses},
    {"stores-unknown-pointer", Takes::nothing, "a pointer, in which a write stores one that is found at run time",
     object::stores_unknown_pointer},
    {"links-to-itself", Takes::nothing, "a write stores its own address in it: the head of a linked list",
     object::links_to_itself},
    {"stores-only-immortal", Takes::nothing,
     "every write stores null or the address of an object that CPython shares between interpreters",
     object::stores_only_immortal},
    {"passed-to", Takes::trait, "its address is given to a function with this trait", object::passed_to},
    {"argument-of", Takes::word, "its address is given to the function of this name", object::argument_of},
    // names and generators
    {"name-begins", Takes::word, "its name begins with this", object::name_begins},
    {"generated-by", Takes::word, "written by this generator", object::generated_by},
    {"type-contains", Takes::word, "this text stands in its type", object::type_contains},
    {"written-in-lambda", Takes::nothing, "written in the body of a lambda", object::written_in_lambda},
    {"used-by-several-modules", Takes::nothing, "at least two modules lead to it", object::used_by_several_modules},
    {"read-outside-its-lock", Takes::nothing,
     "written under a lock in a function that reads it before it takes the lock", object::read_outside_its_lock},
    {"guards-load-too-early", Takes::word,
     "module init or an exec slot raises this exception where it is set, sets it, and then calls what can fail without "
     "taking it back",
     object::guards_load_too_early},
    {"refuses-second-load", Takes::nothing, "module initialisation sets it, and raises ImportError where it is set",
     object::refuses_second_load},
    {"caches-call-once-value", Takes::nothing, "initialised with what get_stored() of a call-once storage returned",
     object::caches_call_once_value},
};

} // namespace

std::span<const Predicate> object_predicates() { return object_table; }

std::span<const Predicate> predicates(SubjectKind subject) {
  switch (subject) {
  case SubjectKind::object:
    return object_predicates();
  case SubjectKind::module:
    return module_predicates();
  case SubjectKind::type:
    return type_predicates();
  case SubjectKind::call:
    return call_predicates();
  case SubjectKind::function:
    return function_predicates();
  case SubjectKind::unit:
    return unit_predicates();
  case SubjectKind::allowance:
    return allowance_predicates();
  case SubjectKind::generator:
    break;
  case SubjectKind::member:
    return member_predicates();
  }
  return {};
}

const Predicate *find_predicate(SubjectKind subject, std::string_view name) {
  const auto table = predicates(subject);
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Predicate &predicate) { return predicate.name == name; });
  return found == table.end() ? nullptr : &*found;
}

} // namespace ringfence
