// How the functions of a unit come to be called, and how its module is defined: what tells whether a function can reach
// the module's state, and where its text has to say so.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "extract/parse/project_paths.h"
#include "extract/spans/span.h"
#include "source/compile_unit.h"

namespace ringfence {

// What a function has to ask for its module's state.
enum class WayKind {
  none,
  module,   // its first parameter: the module
  instance, // its first parameter, of a type of the module or one derived from it
  type,     // its first parameter: such a type
  defining, // its second parameter: the type that defines the method
  either,   // its first or its second parameter, of such a type
};

// One place that hands the function to whoever calls it.
struct Way {
  WayKind kind = WayKind::none;
  std::string why; // for none: "src/a.c:12: it runs when ..."
};

struct Parameter {
  std::string name;                  // empty: none
  Span written;                      // `self`, `Py_UNUSED(self)`; no file: cannot be edited
  bool object = false, type = false; // PyObject *, PyTypeObject *
};

// A function that the unit defines.
struct FunctionShape {
  std::string name;
  bool internal = false;   // no other unit can call it
  bool own_file = false;   // written in the unit's own file, not by a macro
  std::vector<Span> heads; // parameters of each declaration, in parentheses, with them; no file: cannot be edited
  std::vector<Parameter> parameters;
  Span body;                          // in braces, with them
  std::vector<Way> ways;              // none: only calls by name
  std::vector<std::string> obstacles; // why it cannot get another parameter, each with a place
};

// A call by name of a function that the unit defines.
struct NamedCall {
  enum class First { other, own, null }; // the first argument: `own` is the caller's first parameter
  std::string callee, caller;            // no caller: a static initialiser
  Span arguments;                        // empty, behind the parenthesis; no file: cannot be edited
  bool has_arguments = false;
  First first = First::other;
  std::string place;
};

struct ModuleMember {
  Span value;
  std::string text, refers; // as written; the function or variable that it is
};

// A PyModuleDef with an initialiser.
struct ModuleShape {
  std::string name;  // of the variable
  std::string title; // m_name, where it is a literal
  unsigned line = 0;
  Span statement; // with its semicolon; no file: a macro makes a part of it
  bool at_file_scope = false, designated = false;
  unsigned given = 0, last = 0; // values without a designator; where the last value ends
  std::map<std::string, ModuleMember> members;
  unsigned slots_begin = 0; // behind the brace of its slots
  bool has_slots = false, creates = false, own_file = false;
  std::string state_type; // of `sizeof(state)` in m_size; as written
  unsigned state_end = 0; // where the brace of that struct's definition is, in the unit's own file; 0: elsewhere
};

struct UnitWays {
  std::string file;          // the unit's own, absolute
  bool read_in_full = false; // no error
  bool cxx = false;
  bool other_types = false; // it makes a type that may lead to no module: a static one, or one without the module
  std::vector<ModuleShape> modules;
  std::map<std::string, FunctionShape> functions;
  std::vector<NamedCall> calls;
};

UnitWays read_function_ways(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files);

} // namespace ringfence
