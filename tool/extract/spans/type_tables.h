// The static types of a unit, by field, and where code uses them, in spans of its file: what the move to heap types
// edits.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "extract/parse/project_paths.h"
#include "extract/spans/span.h"
#include "source/compile_unit.h"

namespace ringfence {

// A member of an initialiser that is not zero.
struct TypeField {
  std::string name;                    // "tp_dealloc", "nb_add"
  std::string text;                    // as written, without a cast before a plain name
  std::string refers;                  // the function or variable that it is, or has the address of; else empty
  bool string = false, dotted = false; // a string literal; with a dot in it
  unsigned at = 0;                     // where it is written
};

// PyNumberMethods and its like.
struct SubTable {
  std::string name;
  std::vector<Span> statements; // its declarations, with the semicolon
  std::vector<TypeField> fields;
  unsigned uses = 0; // in the unit, in whatever way
};

struct Attribute {
  std::string name, text; // the element as written, without spaces
  Span element;           // in braces; no file: a macro makes it, or it cannot be read
};

// PyMemberDef[], PyGetSetDef[] or PyMethodDef[] with an initialiser.
struct AttributeTable {
  unsigned first = 0; // where its first element is written
  std::vector<Attribute> attributes;
};

// A function of the unit that stands in a type's slot.
struct SlotFunction {
  std::string name;
  std::vector<std::string> parameters; // names
  std::string self_type;               // of the first parameter: "Spec *"
  Span body;                           // in braces, with them; no file: not in the unit's own file
  unsigned declared = 0;               // where the definition begins
  unsigned begin = 0;                  // behind the declarations that the body begins with
  Span last;                           // its last statement, with the semicolon
  unsigned uses = 0;                   // in the unit, in whatever way
  bool returns = false;                // it has a return
  bool gives_type_up = false;          // it drops a reference to a type
};

// One place of code that names a type.
struct TypeUse {
  enum class Kind {
    address, // `&T`
    member,  // `T.`
    ready,   // `PyType_Ready(&T)`, or where there is none, `PyModule_AddType(m, &T)`
    assign,  // `T.tp_new = f;`
    unread,  // `&T` in text that no walk sees
  };
  Kind kind = Kind::address;
  Span span;             // what the kind shows
  TypeField field;       // for assign: what is set; for PyModule_AddType: its text is the module
  std::string function;  // that it stands in
  std::string parameter; // the function's first, by name; may be empty
  std::string callee;    // for address: whose argument it is
  Span statement;        // for address: below a block, as written
};

struct TypeShape {
  std::string name;
  unsigned line = 0;
  bool external = false;        // other units may use it
  std::vector<Span> statements; // its declarations, with the semicolon, by place
  Span definition;              // the one with the initialiser, among them
  std::vector<Span> in_headers; // its declarations there, with the semicolon; no file: not one of its own
  std::string header_use;       // why code of a header is in the way, with its place; empty: there is none
  std::vector<TypeField> fields;
  std::vector<TypeUse> uses; // by place
  std::vector<std::string> obstacles;
};

struct UnitTypes {
  std::string file;          // the unit's own, absolute
  bool read_in_full = false; // no error
  bool cxx = false;
  std::vector<TypeShape> types;
  std::set<std::string> bound; // types of other files that it makes ready, changes, declares or has as a base
  std::map<std::string, SubTable> tables;
  std::map<std::string, AttributeTable> attributes;
  std::map<std::string, SlotFunction> functions;
  std::vector<Span>
      asked_types; // the name of the function, where code asks an object's type for an attribute; by place
};

UnitTypes read_type_tables(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files);

} // namespace ringfence
