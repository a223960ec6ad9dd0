// What the values of a type can lead to (TypeFacts), read once per type.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

#include "facts/facts.h"

namespace ringfence {

class TypeReader {
public:
  explicit TypeReader(clang::ASTContext &context) : context_(context) {}

  TypeFacts read(clang::QualType type);
  TypeFacts read(const clang::VarDecl &variable);

private:
  clang::ASTContext &context_;
};

} // namespace ringfence
