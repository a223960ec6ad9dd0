// Where the statics of a unit are declared and used, in bytes of its files: what a rewriter needs and facts do not
// keep.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "extract/parse/project_paths.h"
#include "extract/spans/span.h"
#include "source/compile_unit.h"

namespace ringfence {

// One declaration of a variable: `static PyObject` `*a, *b = NULL` `;`.
struct Declared {
  Span statement;          // with its semicolon
  Span specifiers;         // what all declarators share
  std::vector<Span> group; // all declarators with their initialisers, by place
  unsigned own = 0;        // which of them is the variable's
};

// A call that gets the variable's value.
struct Passed {
  std::string callee, function; // names; the function that calls
  unsigned at = 0;              // where, in the unit's own file

  auto operator<=>(const Passed &) const = default;
};

// One variable of a C unit that is declared in the unit's own file or, for all units, in a header of the project; or a
// pointer that a header of another project makes for each unit.
struct StaticUses {
  std::string name;
  unsigned line = 0, column = 0;      // of the name where it is declared first, from 1
  std::vector<Declared> declarations; // by place
  std::vector<Declared> in_headers;   // `extern`, for all units; by place
  std::vector<Span> header_names;     // its name in the text of these headers, comments and strings apart; sorted
  std::string member;                 // its declaration without `static` and initialiser: "PyObject *cache[4]"
  unsigned name_at = 0;               // in `member`
  std::string initialiser;            // as written; empty where it is none, or all zero
  bool aggregate_initialiser = false; // in braces, or a string for an array
  bool foreign = false;               // the header's: what its macros expand to, a macro of its name can lead elsewhere
  unsigned first_use = 0;             // where code first reaches one, in the unit's own file; macros expanded
  std::vector<Passed> passed;         // by place
  std::vector<Span> uses;             // the name, wherever code says it
  std::vector<std::string> users;     // functions whose code says it, macros expanded; sorted
  std::vector<std::string> silent;    // functions that say it in text that was not read: as `assert` drops it; sorted
  std::vector<Span> pasted;           // what stands before `##` where a macro makes the name
  std::vector<std::string> obstacles; // why it cannot move, each with a place: "src/a.c:12: ..."
};

// A function of the unit's own file that is defined there.
struct BodySpan {
  std::string name;
  Span body; // from `{` to behind `}`
};

struct UnitUses {
  std::string file;                // the unit's own, absolute
  bool read_in_full = false;       // no error
  std::vector<StaticUses> statics; // by place
  std::vector<BodySpan> bodies;    // by place
  std::vector<Span> top_level;     // declarations of the unit's own file, by place: where code can be put between
};

// As extract(): never throws, never fails; a unit that cannot be read has nothing in it.
UnitUses read_static_uses(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files);

} // namespace ringfence
