// A walk over a unit that knows which function it is in, and reads initialisers by their semantic form alone.
#pragma once

#include <utility>

#include <clang/AST/RecursiveASTVisitor.h>

namespace ringfence {

template <class Derived> class SemanticWalk : public clang::RecursiveASTVisitor<Derived> {
  using Base = clang::RecursiveASTVisitor<Derived>;

public:
  bool TraverseFunctionDecl(clang::FunctionDecl *function) {
    const clang::FunctionDecl *outer = std::exchange(function_, function);
    const bool go_on = Base::TraverseFunctionDecl(function);
    function_ = outer;
    return go_on;
  }
  bool TraverseInitListExpr(clang::InitListExpr *list) {
    if (list->getSemanticForm())
      list = list->getSemanticForm();
    for (clang::Stmt *child : list->children())
      if (!this->getDerived().TraverseStmt(child))
        return false;
    return true;
  }

protected:
  const clang::FunctionDecl *function_ = nullptr; // null outside of functions; methods of C++ classes do not count
};

} // namespace ringfence
