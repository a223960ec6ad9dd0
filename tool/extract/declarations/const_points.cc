#include "extract/declarations/const_points.h"

#include <map>

#include <clang/AST/TypeLoc.h>

namespace ringfence {

namespace {

bool is_pointer(const clang::VarDecl &variable) {
  clang::TypeLoc type = variable.getTypeSourceInfo()->getTypeLoc();
  while (auto array = type.getAsAdjusted<clang::ArrayTypeLoc>())
    type = array.getElementLoc();
  return !type.getAs<clang::TypedefTypeLoc>() && type.getAsAdjusted<clang::PointerTypeLoc>();
}

class ConstPointReader {
public:
  explicit ConstPointReader(Registry &registry) : registry_(registry) {}

  void read(const clang::VarDecl &declaration, Index object) {
    ConstPoint point;
    point.object = object;
    point.possible = declaration.getTypeSourceInfo() && !declaration.getType()->isReferenceType() &&
                     !(registry_.context().getLangOpts().CPlusPlus && declaration.isExternallyVisible());
    clang::SourceLocation place = declaration.getLocation();
    const bool pointer = point.possible && is_pointer(declaration);
    if (point.possible && !pointer)
      place = declaration.getTypeSpecStartLoc();
    point.possible = point.possible && place.isFileID();
    point.location = registry_.location(point.possible ? place : declaration.getLocation());
    if (!pointer)
      share(declaration, registry_.facts().const_points.size());
    registry_.facts().const_points.push_back(point);
  }

  // Marks the points whose type specifier serves several declarators.
  void finish() {
    for (std::size_t index : shared_)
      registry_.facts().const_points[index].possible = false;
  }

private:
  // Remembers this and the earlier declarator where both have one type specifier.
  void share(const clang::VarDecl &declaration, std::size_t index) {
    auto [first, fresh] = by_specifier_.try_emplace(declaration.getTypeSpecStartLoc().getRawEncoding(), index);
    if (fresh)
      return;
    shared_.push_back(first->second);
    shared_.push_back(index);
  }

  Registry &registry_;
  std::map<unsigned, std::size_t> by_specifier_; // source location to index into the facts' const points
  std::vector<std::size_t> shared_;
};

} // namespace

void read_const_points(Registry &registry) {
  ConstPointReader reader(registry);
  for (Index object = 0; object < registry.facts().objects.size(); ++object) {
    const Object &facts = registry.facts().objects[object];
    const clang::VarDecl *variable = registry.variable(object);
    if (!variable || facts.outside || facts.type.top_const)
      continue;
    for (const clang::VarDecl *declaration : variable->redecls())
      reader.read(*declaration, object);
  }
  reader.finish();
}

} // namespace ringfence
