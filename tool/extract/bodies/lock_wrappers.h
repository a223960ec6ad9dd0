// Functions of a project's own that do nothing but take or release a lock, by what their bodies do.
//
// A wrapper takes one lock, its parameter (or a member of what that leads to) or a global, by a known lock function
// that is called on every path; what else it calls cannot release the lock. A wrapper that releases one may call
// anything that takes none.
//
// A class of guards takes one in its constructor, by a parameter that it may keep in a member, and releases in its
// destructor.
//
// Not seen: a body in another unit, one that may return before the lock, other methods, locks chosen by an index.
#pragma once

#include <clang/AST/Expr.h>
#include <llvm/ADT/STLFunctionalExtras.h>

#include "extract/bodies/lock_functions.h"

namespace ringfence {

// What a call of a function does to a lock.
struct LockUse {
  LockEffect effect;                   // its lock is a position among the call's arguments
  const clang::Expr *global = nullptr; // the lock, in the body of the function, where no argument names it
};

// The lock of a call of that function; null where it names none.
const clang::Expr *lock_of(const clang::CallExpr &call, const LockUse &use);

// What is known of a function that a body calls; null where nothing.
using LockUses = llvm::function_ref<const LockUse *(const clang::FunctionDecl *)>;

std::optional<LockUse> lock_wrapper(const clang::FunctionDecl &function, LockUses known, const Knowledge &knowledge);

// The word that a statement waits for, or sets free; null where it does not.
using LockedWord = llvm::function_ref<const clang::Expr *(const clang::Stmt &)>;

// A spin lock of the project's own, whose function takes it by a loop around an atomic exchange and nothing else, or gives it
// back by an atomic store of 0: its parameter, or a global.
std::optional<LockUse> spin_wrapper(const clang::FunctionDecl &function, LockedWord spun, LockedWord cleared);

// What a constructor takes that its class's destructor releases: the lock is a position among the constructor's
// arguments, or a global.
std::optional<LockUse> scoped_wrapper(const clang::CXXConstructorDecl &constructor, LockUses known);

} // namespace ringfence
