// Climb: calls, constructions and atomic operations.
#include "extract/bodies/access_use.h"

#include <clang/AST/ExprCXX.h>

namespace ringfence {

using namespace clang;

namespace {

using Form = Standing::Form;

// Position of an argument as Access::argument counts: an object that a member function is called on comes first.
unsigned argument_number(const CallExpr &call, unsigned position) {
  return llvm::isa<CXXMemberCallExpr>(call) ? position + 1 : position;
}

// Of the parameter that takes the argument at `position`; null for variadic and unknown ones.
QualType parameter_type(const CallExpr &call, unsigned position) {
  if (const FunctionDecl *callee = call.getDirectCallee()) {
    if (llvm::isa<CXXOperatorCallExpr>(call) && llvm::isa<CXXMethodDecl>(callee)) {
      if (position == 0)
        return {};
      --position;
    }
    return position < callee->getNumParams() ? callee->getParamDecl(position)->getType() : QualType();
  }
  QualType type = call.getCallee()->getType();
  if (const auto *pointer = type->getAs<PointerType>())
    type = pointer->getPointeeType();
  const auto *prototype = type->getAs<FunctionProtoType>();
  return prototype && position < prototype->getNumParams() ? prototype->getParamType(position) : QualType();
}

AccessKind kind_of(AtomicOperation operation) {
  switch (operation) {
  case AtomicOperation::store:
    return AccessKind::write;
  case AtomicOperation::modify:
    return AccessKind::read_modify_write;
  default:
    return AccessKind::read;
  }
}

// What a method that may change its object gives back of it.
enum class Gives { nothing, element, iterator };

Gives gives(const CXXMethodDecl &method) {
  constexpr llvm::StringRef names[] = {"begin", "end", "rbegin", "rend", "find", "data", "lower_bound", "upper_bound"};
  const QualType result = method.getReturnType(), pointee = result->getPointeeType();
  if (!pointee.isNull() && (pointee.isConstQualified() || pointee->getAsRecordDecl() == method.getParent()))
    return Gives::nothing;
  if (result->isReferenceType())
    return Gives::element;
  const bool is_named = method.getIdentifier() && llvm::is_contained(names, method.getName());
  return is_named && method.getParent()->isInStdNamespace() ? Gives::iterator : Gives::nothing;
}

} // namespace

Climb::Step Climb::into_call(const CallExpr &call, const Expr &child) {
  const FunctionDecl *callee = call.getDirectCallee();
  const auto *method = llvm::dyn_cast_or_null<CXXMethodDecl>(callee);
  if (call.getCallee() == &child) {
    if (method && place_.form == Form::lvalue)
      return into_method(call, *method);
    return place_.form == Form::value ? end() : Step::stop;
  }
  unsigned position = 0;
  while (position < call.getNumArgs() && call.getArg(position) != &child)
    ++position;
  if (llvm::isa<CXXOperatorCallExpr>(call) && position == 0 && place_.form == Form::lvalue)
    if (method)
      return into_method(call, *method);
  const auto *by_operator = llvm::dyn_cast<CXXOperatorCallExpr>(&call);
  if (by_operator && (place_.form == Form::pointer_variable || place_.form == Form::address) &&
      child.getType()->isRecordType())
    return into_iterator(*by_operator, position);
  CalleeTraits traits = callees_[callee];
  if (position == 0 && traits.atomic != AtomicOperation::fence && place_.form == Form::address) {
    bool stores = traits.stored_argument > 0 && traits.stored_argument < call.getNumArgs();
    return into_atomic_call(traits.atomic, stores ? call.getArg(traits.stored_argument) : nullptr);
  }
  if (position == 0 && traits.takes_address && place_.form == Form::lvalue) {
    place_.form = Form::address;
    return Step::on;
  }
  if (position == 0 && traits.passes_first)
    return Step::on;
  if (method && method->isCopyAssignmentOperator() && place_.form == Form::lvalue)
    return end();
  const Expr *copied = position == 0 && traits.copies_second && call.getNumArgs() > 1 ? call.getArg(1) : nullptr;
  return into_argument(callee, parameter_type(call, position), argument_number(call, position), copied);
}

Climb::Step Climb::into_argument(const FunctionDecl *callee, QualType parameter, unsigned number, const Expr *copied) {
  bool by_reference = !parameter.isNull() && parameter->isReferenceType();
  if (place_.form == Form::pointer_variable)
    return end();
  if (place_.form == Form::value || (place_.form == Form::lvalue && !by_reference)) {
    emit({.kind = AccessKind::read, .callee = callee, .argument = number});
    return Step::stop;
  }
  QualType pointee = parameter.isNull() ? QualType() : parameter->getPointeeType();
  emit({.kind = AccessKind::argument,
        .callee = callee,
        .argument = number,
        .const_parameter = !pointee.isNull() && pointee.isConstQualified(),
        .copied = copied});
  return Step::stop;
}

Climb::Step Climb::into_atomic_call(AtomicOperation operation, const Expr *stored) {
  atomic_ = true;
  if (operation == AtomicOperation::load) {
    place_.form = Form::value;
    return Step::on;
  }
  emit({.kind = kind_of(operation), .stored = stored});
  return Step::stop;
}

// The object that a member function is called on.
Climb::Step Climb::into_method(const CallExpr &call, const CXXMethodDecl &method) {
  bool is_operator = llvm::isa<CXXOperatorCallExpr>(call);
  OverloadedOperatorKind op = method.getOverloadedOperator();
  unsigned position = is_operator ? 1 : 0;
  bool steps = op == OO_PlusPlus || op == OO_MinusMinus; // a postfix one has an argument without meaning
  const Expr *first = call.getNumArgs() > position && !steps ? call.getArg(position) : nullptr;
  if (is_atomic_class(*method.getParent(), callees_.knowledge()) &&
      atomic_method(method, callees_.knowledge()) != AtomicOperation::fence) {
    atomic_ = true;
    AtomicOperation operation = atomic_method(method, callees_.knowledge());
    emit({.kind = kind_of(operation), .stored = operation == AtomicOperation::load ? nullptr : first});
    return Step::stop;
  }
  if (method.isStatic())
    return discard();
  bool assigns = op == OO_Equal;
  bool modifies =
      steps || (op >= OO_PlusEqual && op <= OO_PipeEqual) || op == OO_LessLessEqual || op == OO_GreaterGreaterEqual;
  if (assigns || modifies)
    emit({.kind = assigns ? AccessKind::write : AccessKind::read_modify_write, .stored = first});
  else if (method.isConst())
    emit({.kind = AccessKind::read});
  else {
    emit({.kind = AccessKind::argument, .callee = &method});
    return into_result(method);
  }
  return Step::stop;
}

// `levels[2] = 1`, `*levels.begin() = 1`: what is done to the element is done to the container.
Climb::Step Climb::into_result(const CXXMethodDecl &method) {
  const Gives given = gives(method);
  if (given == Gives::nothing)
    return Step::stop;
  place_.path += given == Gives::element ? "[]" : "";
  place_.form = given == Gives::element ? Form::lvalue : Form::address;
  place_.element = given == Gives::iterator;
  return Step::on;
}

// An iterator of C++ is used as a pointer is.
Climb::Step Climb::into_iterator(const CXXOperatorCallExpr &call, unsigned position) {
  switch (call.getOperator()) {
  case OO_Star:
  case OO_Arrow:
  case OO_Subscript:
    if (position != 0)
      return end();
    dereference();
    return Step::on;
  case OO_PlusPlus:
  case OO_MinusMinus:
  case OO_Plus:
  case OO_Minus:
  case OO_PlusEqual:
  case OO_MinusEqual:
    place_.form = Form::address;
    return position == 0 ? Step::on : Step::stop;
  case OO_Equal: {
    const VarDecl *local = position == 1 ? local_variable(call.getArg(0)) : nullptr;
    return local ? keep(*local) : position == 0 ? Step::stop : end(AccessKind::stored);
  }
  default:
    return end_compared();
  }
}

Climb::Step Climb::into_atomic(const AtomicExpr &atomic, const Expr &child) {
  if (atomic.getPtr() != &child || place_.form != Form::address)
    return end();
  llvm::StringRef name = atomic.getOpAsString();
  if (name.contains("_load"))
    return into_atomic_call(AtomicOperation::load, nullptr);
  bool exchanges = name.contains("compare_exchange");
  const Expr *stored = atomic.getNumSubExprs() > 2 ? (exchanges ? atomic.getVal2() : atomic.getVal1()) : nullptr;
  bool stores = name.contains("_store") || name.ends_with("_init");
  return into_atomic_call(stores ? AtomicOperation::store : AtomicOperation::modify, stored);
}

Climb::Step Climb::into_construction(const CXXConstructExpr &construction, const Expr &child) {
  const CXXConstructorDecl *constructor = construction.getConstructor();
  if (place_.form == Form::lvalue && constructor->isCopyConstructor())
    return end();
  if (place_.form != Form::lvalue && constructor->isCopyOrMoveConstructor()) {
    place_.form = Form::address; // of an iterator
    return Step::on;
  }
  unsigned position = 0;
  while (position < construction.getNumArgs() && construction.getArg(position) != &child)
    ++position;
  QualType parameter =
      position < constructor->getNumParams() ? constructor->getParamDecl(position)->getType() : QualType();
  return into_argument(constructor, parameter, position + 1);
}

Climb::Step Climb::into_new(const CXXNewExpr &created, const Expr &child) {
  for (const Expr *placement : created.placement_arguments())
    if (placement == &child && place_.form == Form::address) {
      emit({.kind = AccessKind::write, .stored = created.getInitializer() ? created.getInitializer() : &created});
      return Step::stop;
    }
  return end(AccessKind::stored);
}

} // namespace ringfence
