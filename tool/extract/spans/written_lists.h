// Initialisers as a source writes them: the lists of records of the Python API, and the names in them.
#pragma once

#include <string>
#include <vector>

#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>

namespace ringfence {

// The tag of a record type, or the typedef that stands for it; empty for any other type, a null one included.
std::string record_of(clang::QualType type);

// The list that the expression is, in its semantic form; null where it is none.
const clang::InitListExpr *list_of(const clang::Expr *value);

// The name that the expression is or has the address of, without casts; null where it is none.
const clang::DeclRefExpr *name_in(const clang::Expr *value);

// The members that the list of a PyModuleDef sets, in the order in which they are written.
struct WrittenDefinition {
  struct Member {
    std::string name; // "m_size"; empty behind the last one
    const clang::Expr *value;
  };
  std::vector<Member> members;
  bool designated = false; // some of them by name
  unsigned given = 0;      // by position
};
WrittenDefinition written_definition(const clang::InitListExpr &list);

} // namespace ringfence
