// What one translation unit says about global state: plain values, no Clang type, no pointer, no absolute path.
//
// Terms
//   object    a variable with static or thread storage duration (C11 6.2.4, [basic.stc])
//   subobject a member or element of an object, written as a path: ".field", "[]", "->" (through a pointer)
//   guard     a lock or once that is lexically held at a place
//   index     position in one of the vectors of the same TuFacts; `none` where there is nothing
//
// Objects, functions and files refer to each other by index inside one TuFacts and, after linking, inside one Program
// (link/program.h), which uses the same structs. An id (string) names the same thing in every unit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "facts/kinds.h"

namespace ringfence {

enum class UnitOrigin; // source/unit_origin.h

using Index = std::uint32_t;
inline constexpr Index none = 0xffffffff;

// A place in a file as the reader of the source sees it: for code from a macro, where the macro is expanded.
struct Location {
  Index file = none;                  // into TuFacts::files
  std::uint32_t line = 0, column = 0; // from 1; 0 where unknown

  auto operator<=>(const Location &) const = default;
};

// ---- types ---------------------------------------------------------------------------------------------------------

// What a type's values can lead to. Computed over arrays, members (by value) and pointees, records to any depth.
struct TypeFacts {
  std::string spelling;   // as declared: "static PyObject *[3]" without the storage class
  std::string record;     // the struct, union or class after stripping arrays ("PyTypeObject"); empty for others
  std::string leads_to;   // the tag of that struct, or of the one that a pointer leads to
  std::uint64_t size = 0; // bytes; 0 where incomplete or dependent
  bool pointer = false;   // the element (arrays stripped) is a pointer
  bool array = false;
  bool scalar = false;     // the object is one arithmetic, enumeration or pointer value
  bool top_const = false;  // the element itself is const (constexpr included)
  bool deep_const = false; // const at every level that it points to; function pointers count as const pointees
  bool is_volatile = false;
  bool atomic = false;              // _Atomic, std::atomic, or a struct of nothing but such
  bool reaches_object = false;      // a pointer to a Python object (a struct that begins with PyObject's head, or a C++
                                    // handle on one) is in it or behind it
  bool object_by_value = false;     // an object struct itself is in it (static PyObject, sentinel)
  bool type_by_value = false;       // a PyTypeObject is in it
  bool reaches_interpreter = false; // PyInterpreterState *, PyThreadState *, PyGILState_STATE
  bool reaches_void = false;        // void * in it
  bool function_pointer = false;    // a function pointer is in it
  bool data_pointer = false;        // any other pointer to something not const is in it
  bool lock = false;                // mutex, PyMutex, PyThread_type_lock, once flag, spin lock, condition variable
  bool handle = false;      // handle of the C library or a linked library (FILE *, DIR *, pthread_key_t, Py_tss_t,
                            // incomplete struct pointer)
  bool owns_object = false; // C++: a destructor that releases a Python object runs for it
  std::vector<std::uint32_t> object_words; // byte offsets of the words that hold object pointers by value; the first 64

  auto operator<=>(const TypeFacts &) const = default;
};

// ---- objects -------------------------------------------------------------------------------------------------------

enum class Definition { declaration, tentative, definition };

enum class Initialiser {
  none,     // no initialiser: zero
  zero,     // written, and every byte is zero
  constant, // constant expression, some byte is not zero
  dynamic,  // C++: run at load time or at first use
};

// What the struct of a member is, as far as one unit tells.
enum class Holder {
  structure,
  state,    // a module's state
  instance, // a Python object
};

struct Object {
  // path:name, path:function():name, path:ns::Class::name (docs/report.md); of a declaration, with the declaring file.
  std::string id;
  std::string name;     // unqualified
  std::string function; // enclosing function's bare name; empty at file scope
  std::string symbol;   // the assembler name (mangled in C++); empty where no symbol is ever made
  std::string macro;    // outermost macro whose expansion declares it
  Storage storage = Storage::file_static;
  Definition definition = Definition::definition;
  Initialiser initialiser = Initialiser::none;
  bool external_linkage = false; // names one object in every unit of a program
  bool hidden = false;           // hidden visibility
  bool thread_local_storage = false;
  bool in_header = false;            // declared in a file that is not the unit's main file
  bool outside = false;              // declared in a file outside the project
  std::string record;                // of a member: the tag of the struct that it is in; empty for others
  Holder holder = Holder::structure; // of a member: what that struct is
  TypeFacts type;
  Location location;                // of the name
  std::vector<std::string> configs; // in which --config it exists; empty: the tree's own

  auto operator<=>(const Object &) const = default;
};

// ---- what initialisers say -----------------------------------------------------------------------------------------

// One leaf of an initialiser that leads elsewhere: how method tables, slots, module definitions and callback tables are
// read.
struct InitialiserEntry {
  enum class Kind { object, function, integer, string };
  Index object = none;   // the object that is initialised
  std::string path = {}; // member path with element numbers: "[2].ml_meth", ".m_size"
  Kind kind = Kind::integer;
  Index target = none;      // for object and function: what its address is taken of
  std::int64_t integer = 0; // for integer; recorded, as strings are, only in records of the Python API
  std::string string = {};  // for string; for an integer written as sizeof of a type that leads to objects: that type
  Location location = {};

  auto operator<=>(const InitialiserEntry &) const = default;
};

// ---- functions, accesses, calls ------------------------------------------------------------------------------------

struct Function {
  std::string id;   // external linkage: the symbol; internal: path:name (C) or path:symbol (C++)
  std::string name; // as a reader knows it: "f" or "ns::Class::f"
  bool defined = false;
  bool external_linkage = false;
  bool hidden = false;                // external linkage, but hidden visibility: called from its own library alone
  bool in_header = false;             // defined in a file that is not the unit's main file
  bool outside = false;               // of a file outside the project
  bool constructor_attribute = false; // __attribute__((constructor or destructor))
  std::string macro;                  // outermost macro whose expansion defines it (PyMODINIT_FUNC is none)
  std::string return_type;
  std::vector<std::string> parameter_types;
  Location location;

  auto operator<=>(const Function &) const = default;
};

struct Guard {
  enum class Kind {
    mutex,
    critical_section,
    once,
    spin,
    gil,
    other,
    main_interpreter, // no lock: the code runs after a test that this is the main interpreter
  };
  Kind kind = Kind::mutex;
  std::string api;       // what took it, or made the test: "PyMutex_Lock", "std::lock_guard"
  Index object = none;   // the lock, where it is a global object
  std::string text;      // the lock as written
  bool inferred = false; // no table knows it: what is called has a counterpart that is named as its end

  auto operator<=>(const Guard &) const = default;
};

enum class AccessKind {
  read, // or only its address is compared
  write,
  read_modify_write, // ++, +=, atomic fetch-and-op
  argument,          // its address (or decayed array) is passed to a call
  stored,            // its address is stored into something that outlives the expression
  returned,          // its address is returned
  address,           // its address is used in another way; the local pointer that holds it has its own address taken
};

// What a write stores.
struct StoredValue {
  enum class Kind { nothing, null, constant, call, object, function, parameter, expression };
  // Of the two results of `?:` the one that says more; seen through casts, Py_NewRef and the like.
  Kind kind = Kind::nothing;
  // For call (empty through a pointer) and function: its id; for expression: the call through whose result it is read.
  std::string callee;
  Index object = none;  // for object: whose value or address; for expression: through whose value it is read
  bool address = false; // for object: its address

  auto operator<=>(const StoredValue &) const = default;
};

// Constructors called by dynamic initialisers, and what such an initialiser stores, count as accesses without a
// function at file scope; in a function under a guard of the kind `once` with the api "static initialisation".
struct Access {
  Index object = none;
  Index function = none; // enclosing function; none in a constant initialiser and at file scope
  AccessKind kind = AccessKind::read;
  std::string path; // which subobject: "" whole, ".field", "[]", "->ob_type", "->[]"; a path with "->" touches what it
                    // points to, not the object's own bytes
  bool atomic = false;        // through an atomic type or built-in
  bool compared = false;      // for read: the value is compared or tested, and goes nowhere
  bool through_alias = false; // through a local pointer or reference that holds its address, perhaps among others
  bool tests_itself = false;  // inside an `if`, `?:`, `&&` or loop whose condition reads this object (or a local that
                              // holds its value), or after an early return on it that no write stands before
  std::vector<Index> tested;  // other objects that the enclosing conditions read (flags of lazy initialisation)
  // for argument: which call
  std::string callee; // function id; empty for a call through a pointer
  std::uint32_t argument =
      0; // from 0; for a member function or constructor 0 is the object, and the first in parentheses is 1
  bool const_parameter = false; // the parameter's pointee is const
  StoredValue stored;           // for write and read_modify_write; for an argument, which linking fills in as it does
                                // tests_itself: what the callee stores there
  std::uint32_t parameter = 0;  // for a member: the function's own parameter that leads to it, from 1; 0: another way
  std::vector<Guard> guards;    // innermost last
  Location location;

  auto operator<=>(const Access &) const = default;
};

struct CallArgument {
  enum class Kind { other, object, object_address, function, null, integer, string, member };
  Kind kind = Kind::other;
  Index target = none; // object, function or member: its value or address
  std::int64_t integer = 0;
  std::string string;
  std::uint32_t parameter = 0; // the caller's own parameter that leads to the struct, from 1; 0: another way
  bool made = false;           // a struct that the caller has just made, or that no one else can reach

  auto operator<=>(const CallArgument &) const = default;
};

enum class ResultUse { ignored, tested, stored, returned, passed, other };

struct Call {
  Index caller = none;                 // none in a file-scope initialiser
  Index callee = none;                 // none through a pointer
  std::string pointer;                 // through a pointer: the path or name it was loaded from, "ob->tp_new"
  Index pointer_object = none;         // through a pointer that is (in) a global object
  std::vector<CallArgument> arguments; // counted as Access::argument; trailing `other` ones are cut
  ResultUse result = ResultUse::other;
  std::vector<Guard> guards;
  Location location;

  auto operator<=>(const Call &) const = default;
};

// A function whose address is taken outside a call's callee position and outside an initialiser of an object.
struct FunctionUse {
  Index function = none; // whose address
  Index user = none;     // enclosing function
  std::string callee;    // where it is a call's argument: to which function (id), at which position
  std::uint32_t argument = 0;
  std::string path; // where it is assigned: to which member ("->tp_new") or name
  Location location;

  auto operator<=>(const FunctionUse &) const = default;
};

// What a function does to the bytes that a pointer or reference parameter leads to, beyond reading them. Of accesses
// that differ in their place alone, the first is kept.
struct ParameterAccess {
  Index function = none;
  std::uint32_t parameter = 0;        // counted as Access::argument
  AccessKind kind = AccessKind::read; // read: this parameter was watched
  bool guarded = false;               // under a lock of the process or of what the parameter leads to, or atomic
  bool tests_itself = false;          // as in Access, of what the parameter leads to
  StoredValue stored;                 // for write and read_modify_write
  std::string path;                   // of a write through a pointer that lies there, as in Access: ".slot->"
  std::string callee;                 // for argument: as in Access
  std::uint32_t argument = 0;
  Location location;

  auto operator<=>(const ParameterAccess &) const = default;
};

// ---- the unit ------------------------------------------------------------------------------------------------------

struct Diagnostic {
  Severity severity = Severity::error;
  std::string message;
  Location location;

  auto operator<=>(const Diagnostic &) const = default;
};

// A declaration in a branch that the preprocessor did not take, or a module's claim there, by the name of its slot.
struct Inactive {
  std::string name;
  std::string condition; // "defined(MS_WINDOWS)", with enclosing conditions joined by &&
  Location location;

  auto operator<=>(const Inactive &) const = default;
};

// Where an object is named in text that was not read: in a branch that the preprocessor did not take, or in a statement
// with an error. The first such place in a unit.
struct UnreadName {
  Index object = none;
  Location location;

  auto operator<=>(const UnreadName &) const = default;
};

// A member of an object that is a struct, or an array of structs, where some code names it.
struct StructMember {
  Index object = none;
  std::string name;
  TypeFacts type;
  Location location; // of the member's declaration

  auto operator<=>(const StructMember &) const = default;
};

// A pointer that a function loaded from an object under a lock, with no reference taken there, and follows or passes on
// when that lock is released. The first such place of an object in a function.
struct LateUse {
  Index object = none;
  Index function = none;
  std::string lock; // what took the lock
  Location location;

  auto operator<=>(const LateUse &) const = default;
};

// A comment "ringfence: allow RULE reason" or an annotate attribute that says the same.
struct Allowance {
  std::string rule;       // code or name, as written; of a list "RF103,RF116" each is an allowance of its own
  std::string reason;     // empty where none was given
  Location location;      // of the comment; of the name of what has the attribute
  std::uint32_t line = 0; // the first line of the code it speaks of: its own, or the next with code; 0: none follows
  std::uint32_t last_line = 0; // the last line: where the head of that declaration or statement ends
  Index object = none;         // whose attribute it is; none for comments

  auto operator<=>(const Allowance &) const = default;
};

// Where `const` can be written into a declaration of an object.
struct ConstPoint {
  Index object = none;
  Location location;    // the text "const " goes there; where it is not possible, of the declaration
  bool possible = true; // false: made by a macro, or shares its type specifier with another declarator

  auto operator<=>(const ConstPoint &) const = default;
};

struct FileFact {
  std::string path;      // root-relative; "<build>/..." and "<include>/..." outside of it (docs/report.md)
  bool project = false;  // inside the root or the build folder
  std::string generator; // that wrote the file, by its banner; empty for code written by hand

  auto operator<=>(const FileFact &) const = default;
};

// The facts that refer to objects, functions and files: in the numbering of a unit, of a merger or of the program.
struct FactLists {
  std::vector<InitialiserEntry> initialisers;
  std::vector<Access> accesses;
  std::vector<Call> calls;
  std::vector<FunctionUse> function_uses;
  std::vector<ParameterAccess> parameter_accesses;
  std::vector<Inactive> inactive;
  std::vector<UnreadName> unread_names;
  std::vector<StructMember> struct_members;
  std::vector<LateUse> late_uses;
  std::vector<Allowance> allowances;
  std::vector<ConstPoint> const_points; // of every declaration in project code of an object that is not const

  // All of them, as pointers to members: visit(list) is called for each, several structs are walked side by side.
  static void each(auto visit) {
    with_all([&](auto... lists) { (visit(lists), ...); });
  }
  // Calls use(lists...) once.
  static void with_all(auto use) {
    use(&FactLists::initialisers, &FactLists::accesses, &FactLists::calls, &FactLists::function_uses,
        &FactLists::parameter_accesses, &FactLists::inactive, &FactLists::unread_names, &FactLists::struct_members,
        &FactLists::late_uses, &FactLists::allowances, &FactLists::const_points);
  }

  bool operator==(const FactLists &) const = default;
};

// What a unit is, and what its facts refer to.
struct UnitFacts {
  std::string unit; // CompileUnit::id
  std::string config;
  UnitOrigin origin{};
  bool common_symbols = false; // -fcommon: a tentative definition makes a common symbol
  UnitStatus status = UnitStatus::complete;
  std::vector<Diagnostic> diagnostics;
  std::vector<FileFact> files; // every file that was read; the main file is the first
  std::vector<Object> objects;
  std::vector<Function> functions;

  bool operator==(const UnitFacts &) const = default;
};

struct TuFacts : UnitFacts, FactLists {
  bool operator==(const TuFacts &) const = default;
};

} // namespace ringfence
