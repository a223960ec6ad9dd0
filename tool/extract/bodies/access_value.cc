#include "extract/bodies/access_value.h"

#include <algorithm>

#include <clang/AST/ExprCXX.h>

namespace ringfence {

using namespace clang;
using Kind = StoredValue::Kind;

namespace {

constexpr unsigned max_depth = 32;           // of nested operators
constexpr unsigned max_local_depth = 16;     // up to which locals are followed, so that chains of them stay short
constexpr unsigned local_cost = 4;           // what following one counts
constexpr std::size_t max_string = 512;      // bytes of a string argument that are kept
constexpr std::size_t max_spelled_depth = 8; // members in a spelled path

Value constant() { return {.kind = Kind::constant}; }

// The functions behind the macro errno: glibc and musl, macOS and FreeBSD, Windows.
bool is_errno(const Value &value) {
  if (value.kind != StoredValue::Kind::call || !value.function || !value.function->getIdentifier())
    return false;
  llvm::StringRef name = value.function->getName();
  return name == "__errno_location" || name == "__error" || name == "_errno";
}

bool is_copy(const CXXConstructExpr &construction) {
  return construction.getNumArgs() == 1 && construction.getConstructor()->isCopyOrMoveConstructor();
}

} // namespace

const VarDecl *named_local(const Expr *bare) {
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(bare);
  const auto *variable = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  return variable && !variable->hasGlobalStorage() ? variable : nullptr;
}

const CompoundStmt *body_of(const FunctionDecl *function) {
  const FunctionDecl *defined = function ? function->getDefinition() : nullptr;
  return defined ? llvm::dyn_cast_or_null<CompoundStmt>(defined->getBody()) : nullptr;
}

const Expr *strip(const Expr *expression) {
  for (;;) {
    const Expr *inner = expression;
    if (const auto *cast = llvm::dyn_cast<CastExpr>(expression)) {
      if (cast->getCastKind() == CK_NullToPointer)
        return expression;
      inner = cast->getSubExpr();
    } else if (const auto *paren = llvm::dyn_cast<ParenExpr>(expression)) {
      inner = paren->getSubExpr();
    } else if (const auto *full = llvm::dyn_cast<FullExpr>(expression)) {
      inner = full->getSubExpr();
    } else if (const auto *temporary = llvm::dyn_cast<MaterializeTemporaryExpr>(expression)) {
      inner = temporary->getSubExpr();
    } else if (const auto *bound = llvm::dyn_cast<CXXBindTemporaryExpr>(expression)) {
      inner = bound->getSubExpr();
    } else if (const auto *argument = llvm::dyn_cast<CXXDefaultArgExpr>(expression)) {
      inner = argument->getExpr();
    } else if (const auto *selection = llvm::dyn_cast<GenericSelectionExpr>(expression)) {
      inner = selection->isResultDependent() ? expression : selection->getResultExpr();
    } else if (const auto *choice = llvm::dyn_cast<ChooseExpr>(expression)) {
      inner = choice->isConditionDependent() ? expression : choice->getChosenSubExpr();
    } else if (const auto *parameter = llvm::dyn_cast<SubstNonTypeTemplateParmExpr>(expression)) {
      inner = parameter->getReplacement();
    } else if (const auto *construction = llvm::dyn_cast<CXXConstructExpr>(expression)) {
      inner = is_copy(*construction) ? construction->getArg(0) : expression;
    } else if (const auto *block = llvm::dyn_cast<StmtExpr>(expression)) {
      const Stmt *last = block->getSubStmt()->body_empty() ? nullptr : block->getSubStmt()->body_back();
      inner = llvm::isa_and_nonnull<Expr>(last) ? llvm::cast<Expr>(last) : expression;
    } else if (const auto *list = llvm::dyn_cast<InitListExpr>(expression)) {
      bool scalar = list->getNumInits() == 1 && list->getType()->isScalarType();
      inner = scalar ? list->getInit(0) : expression;
    }
    if (!inner || inner == expression)
      return expression;
    expression = inner;
  }
}

Value ValueReader::read(const Expr *expression, unsigned depth) const {
  if (!expression || depth > max_depth)
    return {};
  expression = strip(expression);
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression))
    return read_reference(reference->getDecl(), depth);
  if (const auto *member = llvm::dyn_cast<MemberExpr>(expression)) {
    if (!llvm::isa<FieldDecl>(member->getMemberDecl()))
      return read_reference(member->getMemberDecl(), depth);
    return read_subobject(member->getBase(), member->isArrow(), member->getType(), depth);
  }
  if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(expression))
    return read_subobject(subscript->getBase(), true, subscript->getType(), depth);
  if (const auto *call = llvm::dyn_cast<CallExpr>(expression))
    return read_call(call, depth);
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression))
    return read_unary(unary, depth);
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(expression))
    return read_binary(binary, depth);
  if (const auto *choice = llvm::dyn_cast<ConditionalOperator>(expression))
    return better(read(choice->getTrueExpr(), depth + 1), read(choice->getFalseExpr(), depth + 1));
  if (const auto *choice = llvm::dyn_cast<BinaryConditionalOperator>(expression))
    return better(read(choice->getCommon(), depth + 1), read(choice->getFalseExpr(), depth + 1));
  if (const auto *atomic = llvm::dyn_cast<AtomicExpr>(expression)) {
    Value pointer = read(atomic->getPtr(), depth + 1);
    return pointer.object == none ? Value{} : Value{.kind = Kind::object, .object = pointer.object};
  }
  if (const auto *construction = llvm::dyn_cast<CXXConstructExpr>(expression))
    return construction->getConstructor()->isDefaultConstructor()
               ? constant()
               : Value{.kind = Kind::call, .function = construction->getConstructor()};
  if (const auto *created = llvm::dyn_cast<CXXNewExpr>(expression)) {
    const CXXConstructExpr *construction = created->getConstructExpr();
    return {.kind = Kind::call, .function = construction ? construction->getConstructor() : created->getOperatorNew()};
  }
  if (llvm::isa<CXXThisExpr>(expression))
    return {.kind = Kind::parameter};
  if (const auto *lambda = llvm::dyn_cast<LambdaExpr>(expression))
    return {.kind = Kind::function, .function = lambda->getCallOperator()};
  if (llvm::isa<CXXNullPtrLiteralExpr, GNUNullExpr, ImplicitValueInitExpr>(expression) ||
      llvm::isa<CastExpr>(expression))
    return {.kind = Kind::null}; // strip() leaves no cast but that of a null pointer
  if (llvm::isa<IntegerLiteral, CharacterLiteral, FloatingLiteral, ImaginaryLiteral, StringLiteral, CXXBoolLiteralExpr,
                UnaryExprOrTypeTraitExpr, OffsetOfExpr, PredefinedExpr, TypeTraitExpr>(expression))
    return constant();
  return {};
}

Value ValueReader::read_reference(const ValueDecl *decl, unsigned depth) const {
  if (llvm::isa<EnumConstantDecl>(decl))
    return constant();
  if (const auto *function = llvm::dyn_cast<FunctionDecl>(decl))
    return {.kind = Kind::function, .function = function};
  const auto *variable = llvm::dyn_cast<VarDecl>(decl);
  if (!variable)
    return {};
  if (variable->hasGlobalStorage())
    return {.kind = Kind::object, .object = registry_.object(variable), .address = variable->getType()->isArrayType()};
  if (auto targets = locals_.targets(variable); !targets.empty())
    return {.kind = Kind::object, .object = targets.back().object, .address = !variable->getType()->isReferenceType()};
  if (const Expr *last = depth < max_local_depth ? locals_.last(variable) : nullptr)
    return read(last, depth + local_cost);
  return {.kind = llvm::isa<ParmVarDecl>(variable) ? Kind::parameter : Kind::expression};
}

// A member or element: of the object that its base is of, unless a pointer value lies between.
Value ValueReader::read_subobject(const Expr *base, bool through_pointer, QualType type, unsigned depth) const {
  Value value = read(base, depth + 1);
  if (value.kind != Kind::object || through_pointer != value.address)
    return {};
  return {.kind = Kind::object, .object = value.object, .address = type->isArrayType()};
}

Value ValueReader::read_call(const CallExpr *call, unsigned depth) const {
  const FunctionDecl *callee = call->getDirectCallee();
  if (const auto *assignment = llvm::dyn_cast<CXXOperatorCallExpr>(call);
      assignment && assignment->getOperator() == OO_Equal && call->getNumArgs() == 2)
    return read(call->getArg(1), depth + 1);
  if (callee && callee->getBuiltinID() != 0 && !call->isValueDependent() && call->isEvaluatable(registry_.context()))
    return constant(); // __builtin_huge_val()
  CalleeTraits traits = callees_[callee];
  if (call->getNumArgs() > 0) {
    Value first;
    if (traits.passes_first || traits.takes_address || traits.atomic == AtomicOperation::load)
      first = read(call->getArg(0), depth + 1);
    if (traits.passes_first && first.kind != Kind::expression)
      return first;
    if (traits.takes_address && first.kind == Kind::object)
      return {.kind = Kind::object, .object = first.object, .address = true};
    if (traits.atomic == AtomicOperation::load && first.kind == Kind::object)
      return {.kind = Kind::object, .object = first.object};
  }
  if (traits.passes_first || traits.takes_address)
    return {};
  return {.kind = Kind::call, .function = callee};
}

Value ValueReader::read_unary(const UnaryOperator *unary, unsigned depth) const {
  Value operand = read(unary->getSubExpr(), depth + 1);
  switch (unary->getOpcode()) {
  case UO_AddrOf:
    if (operand.kind == Kind::object)
      operand.address = true;
    return operand.kind == Kind::object || operand.kind == Kind::function ? operand : Value{};
  case UO_Deref:
    if (operand.kind == Kind::object && operand.address)
      return {.kind = Kind::object, .object = operand.object, .address = unary->getType()->isArrayType()};
    return operand.kind == Kind::function || is_errno(operand) ? operand : Value{};
  case UO_Minus:
  case UO_Plus:
  case UO_Not:
  case UO_LNot:
    return operand.kind == Kind::constant ? operand : Value{};
  case UO_Extension:
    return operand;
  default:
    return {};
  }
}

Value ValueReader::read_binary(const BinaryOperator *binary, unsigned depth) const {
  if (binary->getOpcode() == BO_Comma || binary->getOpcode() == BO_Assign)
    return read(binary->getRHS(), depth + 1);
  if (binary->isAssignmentOp())
    return {};
  if (binary->isAdditiveOp() && binary->getType()->isPointerType()) {
    bool left_moves = binary->getLHS()->getType()->isPointerType();
    Value pointer = read(left_moves ? binary->getLHS() : binary->getRHS(), depth + 1);
    return pointer.kind == Kind::object && pointer.address ? pointer : Value{};
  }
  Value left = read(binary->getLHS(), std::max(depth + 1, max_local_depth));
  if (left.kind != Kind::constant)
    return {};
  Value right = read(binary->getRHS(), std::max(depth + 1, max_local_depth));
  return right.kind == Kind::constant ? right : Value{};
}

// Of the two results of a conditional operator: the one that says more.
Value ValueReader::better(Value first, Value second) const {
  constexpr Kind order[] = {Kind::call,       Kind::object,   Kind::function, Kind::parameter,
                            Kind::expression, Kind::constant, Kind::null};
  for (Kind kind : order)
    for (const Value *value : {&first, &second})
      if (value->kind == kind)
        return *value;
  return {};
}

// What is read through pointers, with the variable or the call that the first of them came from.
Value ValueReader::behind_pointer(const Expr *expression) const {
  bool through = false;
  unsigned depth = 0;
  for (; depth < max_depth; ++depth) {
    expression = strip(expression);
    const auto *member = llvm::dyn_cast<MemberExpr>(expression);
    const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(expression);
    const auto *unary = llvm::dyn_cast<UnaryOperator>(expression);
    const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression);
    const auto *variable = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
    const Expr *last = variable && !variable->hasGlobalStorage() ? locals_.last(variable) : nullptr;
    if (member && llvm::isa<FieldDecl>(member->getMemberDecl()))
      expression = member->getBase();
    else if (subscript)
      expression = subscript->getBase();
    else if (unary && unary->getOpcode() == UO_Deref)
      expression = unary->getSubExpr();
    else if (last)
      expression = last;
    else
      break;
    through |= subscript || unary || (member && member->isArrow());
  }
  const Value pointer = through ? read(expression, depth) : Value();
  const bool known = pointer.kind == Kind::call || (pointer.kind == Kind::object && !pointer.address);
  return known ? Value{.function = pointer.function, .object = pointer.object} : Value();
}

StoredValue ValueReader::fact(const Value &value) const {
  if (registry_.is_member(value.object))
    return {.kind = Kind::expression, .callee = {}, .object = none, .address = false};
  StoredValue stored{.kind = value.kind, .callee = {}, .object = value.object, .address = value.address};
  if (value.function)
    stored.callee = registry_.facts().functions[registry_.function(value.function)].id;
  return stored;
}

StoredValue ValueReader::stored(const Expr *expression) const {
  if (!expression)
    return {};
  const Value value = read(expression);
  return fact(value.kind == Kind::expression ? behind_pointer(expression) : value);
}

StoredValue ValueReader::copied(const Expr *pointer) const {
  Value value = read(pointer);
  if (value.kind == Kind::object && value.address)
    value.address = false;
  else if (value.kind == Kind::object || value.kind == Kind::call)
    value.kind = Kind::expression;
  else if (value = behind_pointer(pointer); value.object == none && !value.function)
    return {};
  return fact(value);
}

CallArgument ValueReader::argument(const Expr *expression) const {
  CallArgument argument;
  Value value = read(expression);
  const Index member = registry_.is_member(value.object) ? value.object : members_.value(expression);
  if (member != none)
    return {.kind = CallArgument::Kind::member,
            .target = member,
            .integer = 0,
            .string = {},
            .parameter = 0,
            .made = false};
  switch (value.kind) {
  case Kind::call:
    argument.target = members_.returned_global(value.function);
    if (argument.target != none)
      argument.kind = CallArgument::Kind::object;
    break;
  case Kind::null:
    argument.kind = CallArgument::Kind::null;
    break;
  case Kind::function:
    argument.kind = CallArgument::Kind::function;
    argument.target = registry_.function(value.function);
    break;
  case Kind::object:
    argument.kind =
        value.address || expression->isGLValue() ? CallArgument::Kind::object_address : CallArgument::Kind::object;
    argument.target = value.object;
    break;
  case Kind::constant: {
    Expr::EvalResult result;
    if (const auto *string = llvm::dyn_cast<StringLiteral>(strip(expression))) {
      argument.kind = CallArgument::Kind::string;
      if (string->getCharByteWidth() == 1)
        argument.string = string->getString().substr(0, max_string).str();
    } else if (const Expr *bare = expression->getType()->isPointerType() ? expression->IgnoreParenCasts() : expression;
               bare->getType()->isIntegralOrEnumerationType() && !bare->isValueDependent() &&
               bare->EvaluateAsInt(result, registry_.context())) { // ((void *)1), too
      argument.kind = CallArgument::Kind::integer;
      argument.integer = result.Val.getInt().extOrTrunc(64).getSExtValue();
    }
    break;
  }
  default:
    break;
  }
  return argument;
}

std::string spelled_path(const Expr *expression) {
  std::string path;
  for (std::size_t depth = 0; depth < max_spelled_depth; ++depth) {
    expression = strip(expression);
    if (const auto *member = llvm::dyn_cast<MemberExpr>(expression)) {
      path = (member->isArrow() ? "->" : ".") + member->getMemberDecl()->getNameAsString() + path;
      expression = member->getBase();
    } else if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(expression)) {
      path = "[]" + path;
      expression = subscript->getBase();
    } else if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression)) {
      if (unary->getOpcode() == UO_Deref)
        path = (path.starts_with(".") || path.empty() ? "->" : "") + (path.starts_with(".") ? path.substr(1) : path);
      expression = unary->getSubExpr();
    } else if (const auto *call = llvm::dyn_cast<CallExpr>(expression)) {
      const FunctionDecl *callee = call->getDirectCallee();
      return (callee ? callee->getNameAsString() : "") + "()" + path;
    } else {
      const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression);
      return (reference ? reference->getDecl()->getNameAsString() : "") + path;
    }
  }
  return path;
}

} // namespace ringfence
