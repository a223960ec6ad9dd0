// Where a unit calls its own functions, and what its local variables are given: read at the first question, and no more
// of the unit than it takes.
#pragma once

#include <optional>

#include <clang/AST/Expr.h>
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/SmallVector.h>

#include "extract/declarations/registry.h"

namespace ringfence {

class CallSites {
public:
  explicit CallSites(Registry &registry) : registry_(registry) {}

  // All calls of a function that no one but this unit can call; none where its address is taken, and none of the API's
  // own, which everybody calls.
  llvm::ArrayRef<const clang::CallExpr *> calls_of(const clang::FunctionDecl &function);
  // What is assigned to a local variable anywhere in its function, besides what it begins with; null for what a callee
  // may write to it.
  llvm::ArrayRef<const clang::Expr *> values_of(const clang::VarDecl &local);

private:
  void read_from(const clang::Decl &first);
  void read_calls(const clang::Stmt *statement);
  void read_values(const clang::Stmt *statement);

  Registry &registry_;
  const clang::Decl *begin_ = nullptr; // calls are read from here to the unit's end
  llvm::DenseMap<const clang::FunctionDecl *, llvm::SmallVector<const clang::CallExpr *, 2>> calls_;
  llvm::DenseSet<const clang::FunctionDecl *> escaping_;
  llvm::DenseSet<const clang::DeclContext *> with_values_; // functions that are read
  llvm::DenseMap<const clang::VarDecl *, llvm::SmallVector<const clang::Expr *, 1>> values_;
};

} // namespace ringfence
