// Enters every object that project code declares, in the order of the source.
#include "extract/visitor.h"

namespace ringfence {

namespace {

class ObjectVisitor final : public FactVisitor<ObjectVisitor> {
public:
  using FactVisitor::FactVisitor;

  bool VisitVarDecl(clang::VarDecl *variable) {
    if (Index index = registry_.object(variable); index != none)
      initialised_ = index;
    return true;
  }

  bool VisitCompoundLiteralExpr(clang::CompoundLiteralExpr *literal) {
    if (initialised_ != none)
      registry_.object(literal, registry_.facts().objects[initialised_].name);
    return true;
  }

private:
  Index initialised_ = none; // the object visited last: a literal at file scope can only stand in its initialiser
};

} // namespace

void read_objects(Registry &registry, const Roots &roots) { ObjectVisitor(registry).walk(roots); }

} // namespace ringfence
