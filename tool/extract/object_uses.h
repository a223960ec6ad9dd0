// Where the statics of a unit are declared and used, in bytes of its files: what a rewriter needs and facts do not
// keep.
#pragma once

#include <string>
#include <vector>

#include "extract/extract.h"

namespace ringfence {

// Bytes of a file of the project, from 0; `end` is the first behind it.
struct Span {
  std::string file; // absolute path
  unsigned begin = 0, end = 0;

  auto operator<=>(const Span &) const = default;
};

// One static variable of a C unit with internal linkage, or without linkage in a function.
struct StaticUses {
  std::string name;
  unsigned line = 0, column = 0;      // of the name where it is declared first, from 1
  std::vector<Span> declarations;     // whole statements with their semicolon
  std::string member;                 // its declaration without `static` and initialiser: "PyObject *cache[4]"
  unsigned name_at = 0;               // in `member`
  std::string initialiser;            // as written; empty where it is none, or all zero
  bool aggregate_initialiser = false; // in braces, or a string for an array
  unsigned first_use = 0;             // where code first reaches one, in the unit's own file; macros expanded
  std::vector<std::string> passed_to; // functions that get its value; sorted
  std::vector<Span> uses;             // the name, wherever code says it
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
UnitUses read_static_uses(const CompileUnit &unit, const ProjectPaths &paths);

} // namespace ringfence
