// The one place where RecursiveASTVisitor is included: it is slow to compile. Include this only in a .cc file.
#pragma once

#include <clang/AST/RecursiveASTVisitor.h>

#include "extract/declarations/registry.h"

namespace ringfence {

// Walks the source as written: patterns of templates but not their instantiations, nothing that the compiler made.
template <class Derived> class FactVisitor : public clang::RecursiveASTVisitor<Derived> {
public:
  explicit FactVisitor(Registry &registry) : registry_(registry) {}

  void walk(const Roots &roots) {
    for (clang::Decl *root : roots)
      this->getDerived().TraverseDecl(root);
  }

  bool shouldVisitTemplateInstantiations() const { return false; }
  bool shouldVisitImplicitCode() const { return false; }
  bool shouldWalkTypesOfTypeLocs() const { return false; }

protected:
  Registry &registry_;
};

} // namespace ringfence
