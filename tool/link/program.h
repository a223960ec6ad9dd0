// The program: the facts of all units merged, with what only the whole can tell. Built by link/link.h, const
// afterwards.
//
// Its vectors hold the structs of facts/facts.h, with indices into the Program's own vectors; each is sorted and
// without duplicates, so that the order in which units were added leaves no trace.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "facts/facts.h"

namespace ringfence {

struct UnitSummary {
  std::string id;
  std::string file; // root-relative
  std::string config;
  UnitStatus status = UnitStatus::complete;
  UnitOrigin origin{};
  std::vector<Diagnostic> diagnostics;
  std::vector<Index> files; // project files that it read, into Program::files; sorted
};

// From where a function can be reached, over direct calls, tables, slots and function pointers.
struct FunctionRoles {
  bool module_init = false; // from a PyInit_*, PyModExport_* or PyModuleDef's create
  bool exec = false;        // from a Py_mod_exec slot
  bool python_callable =
      false;             // from a method, getset, type slot or protocol table: Python code can run it at any time
  bool callback = false; // from a function whose address was given to another library or stored where the program
                         // cannot see its caller
  bool finalise = false; // from m_free, m_clear, tp_dealloc of types, atexit
  bool external = false; // from an exported function that no unit of the program calls (an API for others, or main)
  Index python_caller =
      none; // for python_callable: the next function on the shortest way from Python code; none at its start
  bool on_live_objects =
      false; // for python_callable: not only from what makes, walks or drops an object, which no other thread has
  bool lifecycle = false; // from what starts or ends the Python runtime, where no other thread is in it
  // Reached from init, exec or the runtime's start and end, and from nothing else that can run later.
  bool only_init() const { return (module_init || exec || lifecycle) && !python_callable && !callback && !external; }
};

// When an object is written, over the whole program.
struct WriteSummary {
  WriteClass writes = WriteClass::never;
  bool escapes = false;            // its address goes where a write cannot be excluded
  std::vector<Index> sites;        // the accesses that write, into Program::accesses
  std::vector<Index> escape_sites; // the accesses by which the address escapes
  bool all_guarded = false;        // at least one write, and each holds a guard other than the GIL or is atomic
  bool main_interpreter = false;   // at least one write, and each that another can run beside is made for the main
                                   // interpreter alone
};

struct Slot {
  std::string name; // "Py_mod_exec"; the number in decimal where unknown
  Index function = none;
  Index object = none;
  std::int64_t integer = 0;
  Location location;
};

struct Module {
  std::string name; // of the import, from m_name or PyInit_NAME
  Index init_function = none;
  Index definition = none; // the PyModuleDef object
  InitKind init = InitKind::none;
  std::int64_t state_size = 0; // m_size
  std::vector<Slot> slots;
  Index methods = none;                             // the PyMethodDef table
  Index traverse = none, clear = none, free = none; // functions
  std::string binding;                              // "", "pybind11", "cython", ... : who wrote the init function
  Location location;                                // of the init function, else of the definition
  std::vector<std::string> units;                   // ids of the units that belong to it: link/module_units.h
};

// A static PyTypeObject or a PyType_Spec.
struct TypeEntity {
  Index object = none;
  bool is_static = false; // PyTypeObject by value; otherwise a spec
  std::string name;       // tp_name or the spec's name
  std::int64_t flags = 0;
  std::int64_t size = 0;   // of an instance in bytes, as the spec says; 0: as its base
  std::vector<Slot> slots; // tp_* members or Py_tp_* slots that are set
  bool whole = false;      // of a spec: the source says all flags and slots; else some are made at run time
};

// The lists of facts come sorted: initialisers by object and path, accesses by object and location, calls by caller and
// location, parameter accesses by function and parameter, const points by object and location.
struct Program : FactLists {
  std::vector<UnitSummary> units;      // by id
  std::vector<std::string> uncovered;  // source files of the tree that no unit reads, root-relative
  std::vector<FileFact> files;         // by path
  std::vector<bool> interpreter_files; // parallel to files: is CPython itself, whose tree this is
                                       // (link/interpreter_files.h); empty elsewhere
  std::vector<Object> objects;         // by id; then the members of structs (link/struct_members.h)
  std::vector<Index> struct_of;        // parallel to objects: of such a member, the struct; else none
  std::vector<Function> functions;     // by id
  std::vector<Module> modules;         // by name and location
  std::vector<TypeEntity> types;       // by object
  std::vector<FunctionRoles> roles;    // parallel to functions
  std::vector<WriteSummary> writes;    // parallel to objects

  bool is_of_interpreter(Index file) const { return file < interpreter_files.size() && interpreter_files[file]; }
};

} // namespace ringfence
