#include "extract/bodies/given_objects.h"

#include <algorithm>

#include <clang/AST/DeclCXX.h>

#include "extract/bodies/access_value.h"
#include "extract/declarations/python_object.h"

namespace ringfence {

using namespace clang;

namespace {

constexpr unsigned max_handed_on = 8; // of locals that were assigned one another, and of lists in lists

// What a pointer or an array has; null for other types.
QualType element(QualType type) {
  return type->isPointerType() || type->isArrayType() ? QualType(type->getPointeeOrArrayElementType(), 0) : QualType();
}

const VarDecl *local_of(const Expr &expression) { return named_local(expression.IgnoreParenImpCasts()); }

// Counted as Access::argument.
unsigned number_of(const ParmVarDecl &parameter) {
  const auto *method = llvm::dyn_cast<CXXMethodDecl>(parameter.getDeclContext());
  return parameter.getFunctionScopeIndex() + (method && method->isInstance() ? 1 : 0);
}

// `void *`, or a name that says of an integer that it is an address: uintptr_t.
bool is_untyped_address(QualType type) {
  if (type->isVoidPointerType())
    return true;
  for (; const auto *alias = type->getAs<TypedefType>(); type = alias->desugar())
    if (alias->getDecl()->getName().ends_with("intptr_t"))
      return true;
  return false;
}

} // namespace

bool GivenObjects::takes_address(QualType type) const {
  const ASTContext &context = registry_.context();
  return type->isVoidPointerType() || (type->isIntegerType() && !type->isDependentType() &&
                                       context.getTypeSize(type) >= context.getTypeSize(context.VoidPtrTy));
}

bool GivenObjects::is_object(QualType type) const {
  const RecordDecl *record = type.isNull() ? nullptr : type->getAsRecordDecl();
  return record && is_python_object(*record, registry_.knowledge());
}

GivenObjects::Place GivenObjects::place_of(const Expr &expression) {
  Place place;
  for (const Expr *at = expression.IgnoreParenImpCasts();;) {
    if (const auto *member = llvm::dyn_cast<MemberExpr>(at)) {
      if (!place.member)
        place.member = llvm::dyn_cast<FieldDecl>(member->getMemberDecl());
      at = member->getBase()->IgnoreParenImpCasts();
    } else if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(at)) {
      at = subscript->getBase()->IgnoreParenImpCasts();
    } else if (const auto *unary = llvm::dyn_cast<UnaryOperator>(at); unary && unary->getOpcode() == UO_Deref) {
      at = unary->getSubExpr()->IgnoreParenImpCasts();
    } else {
      place.root = local_of(*at);
      return place;
    }
  }
}

void GivenObjects::assign(const Expr &target, const Expr &value) {
  if (const VarDecl *local = local_of(target)) {
    kept_.erase(local); // it leads elsewhere now
    return;
  }
  const Place place = takes_address(target.getType()) ? place_of(target) : Place();
  if (place.root && read(value) == "object")
    kept_[place.root].push_back(place.member);
}

bool GivenObjects::holds_object(const Expr &initialiser) const {
  if (const auto *list = llvm::dyn_cast<InitListExpr>(initialiser.IgnoreParens()))
    return std::any_of(list->begin(), list->end(),
                       [&](const Stmt *each) { return each && holds_object(*llvm::cast<Expr>(each)); });
  return takes_address(initialiser.getType()) && read(initialiser) == "object";
}

void GivenObjects::initialise(const VarDecl &local, const Expr &initialiser) {
  const auto *list = llvm::dyn_cast<InitListExpr>(initialiser.IgnoreParens());
  if (!list || !holds_object(*list))
    return;
  const RecordDecl *record = local.getType()->getAsRecordDecl();
  if (!record || record->isUnion()) {
    kept_[&local].push_back(nullptr);
    return;
  }
  unsigned at = 0;
  for (const FieldDecl *field : record->fields()) {
    if (field->isUnnamedBitField())
      continue;
    if (at == list->getNumInits())
      return;
    if (holds_object(*list->getInit(at++)))
      kept_[&local].push_back(field);
  }
}

std::string GivenObjects::read(const Expr &given) const { return read(given, 0); }

std::string GivenObjects::read(const Expr &given, unsigned depth) const {
  const Expr *value = strip(&given);
  if (depth > max_handed_on)
    return {};
  if (std::string word = read_by_type(value->getType()); !word.empty())
    return word;
  if (const VarDecl *local = local_of(*value))
    return read_local(*local, depth);
  if (const auto *choice = llvm::dyn_cast<ConditionalOperator>(value)) {
    std::string word = read(*choice->getTrueExpr(), depth + 1);
    return word.empty() ? read(*choice->getFalseExpr(), depth + 1) : word;
  }
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(value); unary && unary->getOpcode() == UO_AddrOf) {
    const Expr *of = unary->getSubExpr()->IgnoreParens();
    const auto *literal = llvm::dyn_cast<CompoundLiteralExpr>(of);
    return literal ? holds_object(*literal->getInitializer()) ? "objects" : "" : read_address(*of, depth);
  }
  if (llvm::isa<MemberExpr, ArraySubscriptExpr, UnaryOperator>(value))
    return read_element(*value);
  return {};
}

std::string GivenObjects::read_by_type(QualType type) const {
  const QualType pointee = element(type);
  if (pointee.isNull())
    return {};
  if (is_object(pointee))
    return "object";
  if (is_object(element(pointee)))
    return "objects";
  const RecordDecl *record = pointee->getAsRecordDecl();
  if (!record || !record->getDefinition() || registry_.type(pointee).object_words.empty())
    return {};
  const KnownType *known = known_type(*record, registry_.knowledge());
  return known && known->is == KnownType::Is::interpreter ? "" : "struct " + tag_name(*record);
}

std::string GivenObjects::read_address(const Expr &of, unsigned depth) const {
  if (const VarDecl *local = local_of(of); local && kept_.count(local))
    return "objects";
  const std::string word = read(of, depth + 1);
  if (word.starts_with("parameter "))
    return "&" + word;
  return word == "object" ? "objects" : "";
}

std::string GivenObjects::read_local(const VarDecl &local, unsigned depth) const {
  if (kept_.count(&local))
    return "objects"; // an array, or the pointer to a struct
  if (const Expr *last = locals_.last(&local))
    return read(*last, depth + 1);
  const auto *parameter = llvm::dyn_cast<ParmVarDecl>(&local);
  return parameter && is_untyped_address(local.getType()) ? "parameter " + std::to_string(number_of(*parameter)) : "";
}

std::string GivenObjects::read_element(const Expr &expression) const {
  const Place place = place_of(expression);
  const auto kept = place.root ? kept_.find(place.root) : kept_.end();
  if (kept == kept_.end() || !llvm::is_contained(kept->second, place.member))
    return {};
  return expression.getType()->isArrayType() ? "objects" : "object";
}

} // namespace ringfence
