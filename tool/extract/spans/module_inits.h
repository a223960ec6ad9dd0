// How a unit's init functions make their modules, in spans of its file: what the move to multi-phase init edits.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "extract/parse/project_paths.h"
#include "extract/spans/span.h"
#include "source/compile_unit.h"

namespace ringfence {

// PyModuleDef with its initialiser.
struct DefinitionShape {
  std::string name;
  Span statement;                  // of its definition
  Span size, slots;                // values as written; no file: not given
  std::string size_text;           // "-1"
  unsigned last = 0;               // behind the last value that is given
  unsigned given = 0;              // positional values, PyModuleDef_HEAD_INIT among them
  bool designated = false;         // ".m_size = -1"
  std::vector<std::string> others; // functions that name it besides the one that makes the module
};

// A declaration of the function that makes the module.
struct HeadShape {
  Span whole;      // to the closing parenthesis, with a macro as PyMODINIT_FUNC
  Span type;       // from the first word to the name, without it
  Span parameters; // in parentheses, with them
  bool defines = false;
};

// One PyInit_*. Its `maker` is the function that calls PyModule_Create: itself, or one that it returns the result of.
struct InitShape {
  std::string module;   // "_spam" of PyInit__spam
  unsigned line = 0;    // of the init function
  std::string maker;    // name
  std::string variable; // that holds the module in the maker; empty: it returns the call's result
  HeadShape init;
  Span init_body;               // in braces, with them
  std::vector<HeadShape> heads; // of the maker, where it is not the init function
  Span body;                    // of the maker
  std::vector<Span> removed;    // statements that make the module, test it, and give it up
  std::vector<Span> failures;   // `NULL` in `return NULL;`
  std::vector<Span> successes;  // `m` in `return m;`
  bool works = false;           // something else is left to do
  bool cxx = false;
  DefinitionShape definition;
  std::vector<std::string> obstacles; // why it cannot be converted, each with a place
};

struct UnitInits {
  std::string file;          // the unit's own, absolute
  bool read_in_full = false; // no error
  std::vector<InitShape> inits;
};

UnitInits read_module_inits(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files);

} // namespace ringfence
