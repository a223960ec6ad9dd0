// Members of structs that threads reach by one pointer: a Python object's own, those of a module's state, and what hangs
// off them. Without the GIL they are shared as globals are.
//
// Whether a struct is such a one is known when all units are linked. Here a member counts where the pointer comes from
// outside of the function: a parameter, another member, a function that finds things. What the function has just made
// itself, or keeps on its stack, no other thread has seen; nor what all callers of a static function have just made.
// What the body of a generated generator keeps between two runs is changed by the thread that runs it.
#pragma once

#include <clang/AST/Expr.h>
#include <llvm/ADT/DenseMap.h>

#include "extract/bodies/call_sites.h"
#include "extract/bodies/callee_traits.h"
#include "extract/bodies/local_values.h"
#include "extract/declarations/registry.h"

namespace ringfence {

class MemberReader {
public:
  MemberReader(Registry &registry, CalleeTable &callees, const LocalValues &locals)
      : registry_(registry), callees_(callees), locals_(locals), sites_(registry) {}

  // The member that the expression is, down its members by value; `none` for others.
  Index member(const clang::MemberExpr &expression) const;
  // The member whose value an expression has: by its name, by a local variable that was given it last, or by a function
  // that returns it.
  Index value(const clang::Expr *expression) const;
  // Which parameter of its function leads to the struct that an expression is or points to, from 1; 0: something else
  // does, or a Python object lies between.
  unsigned parameter(const clang::Expr &expression) const;
  // Whether what a call is given is a struct that the caller alone has: in C, as no class says who owns it.
  bool is_made_by_caller(const clang::Expr &argument) const { return is_made_by_caller(&argument, 0); }
  // The global pointer that a function returns: an accessor; `none` for others.
  Index returned_global(const clang::FunctionDecl *function) const;
  // The global whose address it returns in all cases, or whose first element's: `State *state(void) { static State it; return &it; }`.
  Index returned_address(const clang::FunctionDecl *function) const;
  // The global that it returns a reference to: `T *&head() { static T *it; return it; }`.
  Index returned_reference(const clang::FunctionDecl *function) const;

private:
  // sole: threads reach it, and one at a time uses it
  enum class Origin { own, sole, found, called, state };

  Origin origin(const clang::Expr *pointer, unsigned depth) const;
  Origin origin_of_local(const clang::VarDecl &variable, unsigned depth) const;
  Origin origin_of_member(const clang::MemberExpr &member, unsigned depth) const;
  Origin origin_of_parameter(const clang::ParmVarDecl &parameter, unsigned depth) const;
  bool is_made_by_caller(const clang::Expr *argument, unsigned depth) const;
  bool finds_in_own(const clang::CallExpr &call, unsigned depth) const;
  Origin origin_of_call(const clang::CallExpr &call, unsigned depth) const;
  bool is_wanted(const clang::RecordDecl &record, Origin origin) const;
  Index object_in_project(const clang::VarDecl *variable) const;

  Registry &registry_;
  CalleeTable &callees_;
  const LocalValues &locals_;
  mutable CallSites sites_;
  mutable llvm::DenseMap<const clang::ParmVarDecl *, Origin> parameters_; // those that were asked for
};

} // namespace ringfence
