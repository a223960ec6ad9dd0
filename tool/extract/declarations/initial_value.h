// Whether an object's first value is there when the program is loaded, and whether it is all zero.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>
#include <clang/AST/Expr.h>

#include "facts/facts.h"

namespace ringfence {

Initialiser initial_value(const clang::VarDecl &variable, const clang::ASTContext &context);
Initialiser initial_value(const clang::Expr &initialiser, const clang::ASTContext &context);

// Whether nothing ever writes to it, not even its initialiser when the program runs.
bool is_constant(const clang::VarDecl &variable);

} // namespace ringfence
