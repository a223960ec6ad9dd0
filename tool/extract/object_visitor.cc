// Enters every object that project code declares, in the order of the source.
#include "extract/visitor.h"

namespace ringfence {

namespace {

class ObjectVisitor final : public FactVisitor<ObjectVisitor> {
public:
  using FactVisitor::FactVisitor;

  bool VisitVarDecl(clang::VarDecl *variable) {
    registry_.object(variable);
    return true;
  }
};

} // namespace

void read_objects(Registry &registry, const Roots &roots) { ObjectVisitor(registry).walk(roots); }

} // namespace ringfence
