#include "extract/bodies/access_use.h"

#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>

#include "extract/bodies/access_value.h"

namespace ringfence {

using namespace clang;

namespace {

using Form = Standing::Form;

// `x = 1 + x * 2`: a number that is made of itself.
bool computes_with(const Expr *value, const Expr &target) {
  const auto *number = llvm::dyn_cast<DeclRefExpr>(target.IgnoreParens());
  value = value->IgnoreParenCasts();
  const auto *binary = llvm::dyn_cast<BinaryOperator>(value);
  if (!number || !number->getType()->isArithmeticType() || !binary || binary->isComparisonOp() ||
      binary->isLogicalOp() || binary->isAssignmentOp() || binary->getOpcode() == BO_Comma)
    return false;
  return llvm::any_of(binary->children(), [&](const Stmt *operand) {
    const auto *inner = llvm::cast<Expr>(operand)->IgnoreParenCasts();
    const auto *reference = llvm::dyn_cast<DeclRefExpr>(inner);
    return (reference && reference->getDecl() == number->getDecl()) || computes_with(inner, target);
  });
}

bool is_reference(const VarDecl &variable) { return variable.getType()->isReferenceType(); }

bool is_atomic(QualType type, const Knowledge &knowledge) {
  if (type.isNull())
    return false;
  if (type->isAtomicType())
    return true;
  const CXXRecordDecl *record = type->getAsCXXRecordDecl();
  return record && is_atomic_class(*record, knowledge);
}

} // namespace

const VarDecl *local_variable(const Expr *expression) { return named_local(expression->IgnoreParenCasts()); }

const Expr *condition_of(const Stmt &statement) {
  if (const auto *branch = llvm::dyn_cast<IfStmt>(&statement))
    return branch->getCond();
  if (const auto *loop = llvm::dyn_cast<WhileStmt>(&statement))
    return loop->getCond();
  if (const auto *loop = llvm::dyn_cast<DoStmt>(&statement))
    return loop->getCond();
  if (const auto *loop = llvm::dyn_cast<ForStmt>(&statement))
    return loop->getCond();
  const auto *choice = llvm::dyn_cast<SwitchStmt>(&statement);
  return choice ? choice->getCond() : nullptr;
}

void Climb::run(Standing place) {
  place_ = std::move(place);
  for (std::size_t depth = frames_.size() - 1; depth > 0; --depth) {
    if (llvm::isa_and_nonnull<CompoundStmt>(frames_[depth].statement))
      continue; // of a statement expression: step() has seen to it
    const auto *child = llvm::dyn_cast_or_null<Expr>(frames_[depth].statement);
    if (!child || step(frames_[depth - 1], *child, depth) == Step::stop)
      return;
  }
}

Climb::Step Climb::step(const Frame &parent, const Expr &child, std::size_t depth) {
  if (!parent.statement)
    return into_declaration(parent.variable);
  const Stmt &statement = *parent.statement;
  switch (statement.getStmtClass()) {
  case Stmt::ParenExprClass:
  case Stmt::ConstantExprClass:
  case Stmt::ExprWithCleanupsClass:
  case Stmt::MaterializeTemporaryExprClass:
  case Stmt::CXXBindTemporaryExprClass:
  case Stmt::CXXDefaultArgExprClass:
  case Stmt::CXXDefaultInitExprClass:
  case Stmt::CXXStdInitializerListExprClass:
  case Stmt::SubstNonTypeTemplateParmExprClass:
  case Stmt::GenericSelectionExprClass:
  case Stmt::ChooseExprClass:
  case Stmt::CXXRewrittenBinaryOperatorClass:
  case Stmt::StmtExprClass:
  case Stmt::DeclRefExprClass: // of a structured binding
    return Step::on;
  case Stmt::UnaryOperatorClass:
    return into_unary(llvm::cast<UnaryOperator>(statement));
  case Stmt::BinaryOperatorClass:
  case Stmt::CompoundAssignOperatorClass:
    return into_binary(llvm::cast<BinaryOperator>(statement), child);
  case Stmt::ConditionalOperatorClass:
    return llvm::cast<ConditionalOperator>(statement).getCond() == &child ? end_compared() : Step::on;
  case Stmt::BinaryConditionalOperatorClass:
    return Step::on;
  case Stmt::MemberExprClass:
    return into_member(llvm::cast<MemberExpr>(statement));
  case Stmt::ArraySubscriptExprClass:
    return into_subscript(llvm::cast<ArraySubscriptExpr>(statement), child);
  case Stmt::AtomicExprClass:
    return into_atomic(llvm::cast<AtomicExpr>(statement), child);
  case Stmt::InitListExprClass:
    return into_list(llvm::cast<InitListExpr>(statement));
  case Stmt::CXXNewExprClass:
    return into_new(llvm::cast<CXXNewExpr>(statement), child);
  case Stmt::LambdaExprClass:
    return into_lambda(llvm::cast<LambdaExpr>(statement), child);
  case Stmt::CXXThrowExprClass:
    return end(AccessKind::stored);
  case Stmt::ReturnStmtClass:
    return place_.form == Form::lvalue ? (emit({.kind = AccessKind::returned}), Step::stop) : end(AccessKind::returned);
  case Stmt::GCCAsmStmtClass:
    return into_asm(llvm::cast<GCCAsmStmt>(statement), child);
  case Stmt::CompoundStmtClass: {
    // The last expression of a GNU statement expression is its value.
    const auto &compound = llvm::cast<CompoundStmt>(statement);
    bool is_value =
        depth >= 2 && llvm::isa_and_nonnull<StmtExpr>(frames_[depth - 2].statement) && compound.body_back() == &child;
    return is_value ? Step::on : discard();
  }
  case Stmt::IfStmtClass:
  case Stmt::WhileStmtClass:
  case Stmt::DoStmtClass:
  case Stmt::ForStmtClass:
  case Stmt::SwitchStmtClass:
    return condition_of(statement) == &child ? end_compared() : discard();
  default:
    if (const auto *cast = llvm::dyn_cast<CastExpr>(&statement))
      return into_cast(*cast);
    if (const auto *call = llvm::dyn_cast<CallExpr>(&statement))
      return into_call(*call, child);
    if (const auto *construction = llvm::dyn_cast<CXXConstructExpr>(&statement))
      return into_construction(*construction, child);
    return llvm::isa<Expr>(statement) ? end() : discard();
  }
}

// ---- declarations --------------------------------------------------------------------------------------------------

Climb::Step Climb::into_declaration(const VarDecl *variable) {
  if (variable && !variable->hasGlobalStorage())
    return place_.form == Form::lvalue && !is_reference(*variable) ? end() : keep(*variable);
  if (place_.form == Form::lvalue && (!variable || is_reference(*variable))) {
    emit({.kind = AccessKind::stored});
    return Step::stop;
  }
  return end(AccessKind::stored);
}

Climb::Step Climb::keep(const VarDecl &variable) {
  switch (place_.form) {
  case Form::value:
    emit({.kind = AccessKind::read, .kept_in = &variable});
    return Step::stop;
  case Form::pointer_variable: // a reference to the pointer
    return end();
  default:
    emit({.kind = AccessKind::address, .kept_in = &variable, .element = place_.element});
    return Step::stop;
  }
}

Climb::Step Climb::into_lambda(const LambdaExpr &lambda, const Expr &child) {
  auto capture = lambda.capture_begin();
  for (const Expr *initialiser : lambda.capture_inits()) {
    if (initialiser == &child && capture->capturesVariable())
      if (const auto *variable = llvm::dyn_cast<VarDecl>(capture->getCapturedVar()))
        return place_.form == Form::pointer_variable ? Step::stop : into_declaration(variable);
    ++capture;
  }
  return end(AccessKind::stored);
}

// ---- operators -----------------------------------------------------------------------------------------------------

Climb::Step Climb::into_cast(const CastExpr &cast) {
  switch (cast.getCastKind()) {
  case CK_LValueToRValue:
  case CK_LValueToRValueBitCast:
    atomic_ = atomic_ || (place_.form == Form::lvalue && is_atomic(cast.getSubExpr()->getType(), callees_.knowledge()));
    place_.form = place_.form == Form::pointer_variable ? Form::address : Form::value;
    return Step::on;
  case CK_ArrayToPointerDecay:
    if (place_.form == Form::lvalue) {
      place_.form = Form::address;
      place_.element = true;
    }
    return Step::on;
  case CK_FunctionToPointerDecay:
    if (place_.form == Form::lvalue)
      place_.form = Form::address;
    return Step::on;
  case CK_ToVoid:
    return discard();
  case CK_PointerToBoolean:
  case CK_MemberPointerToBoolean:
    return end_compared();
  default:
    return Step::on;
  }
}

Climb::Step Climb::into_unary(const UnaryOperator &unary) {
  switch (unary.getOpcode()) {
  case UO_AddrOf:
    if (place_.form == Form::lvalue)
      place_.form = Form::address;
    else if (place_.form == Form::pointer_variable)
      return end();
    return Step::on;
  case UO_Deref:
    if (place_.form != Form::lvalue && !unary.getType()->isFunctionType())
      dereference();
    return Step::on;
  case UO_PostInc:
  case UO_PostDec:
  case UO_PreInc:
  case UO_PreDec:
    if (place_.form == Form::lvalue) {
      atomic_ = atomic_ || is_atomic(unary.getSubExpr()->getType(), callees_.knowledge());
      emit({.kind = AccessKind::read_modify_write});
      quiet_ = true;
      if (!unary.isLValue())
        place_.form = Form::value;
    } else if (!unary.isLValue()) {
      place_.form = Form::address; // p++ where p is a holder
    }
    return Step::on;
  case UO_Real:
  case UO_Imag:
  case UO_Extension:
    return Step::on;
  case UO_LNot:
    return end_compared();
  default:
    return place_.form == Form::value ? end() : end_compared();
  }
}

Climb::Step Climb::into_binary(const BinaryOperator &binary, const Expr &child) {
  BinaryOperatorKind opcode = binary.getOpcode();
  if (binary.isAssignmentOp())
    return into_assignment(binary, child);
  if (opcode == BO_Comma)
    return binary.getRHS() == &child ? Step::on : discard();
  bool moves_pointer =
      (opcode == BO_Add || opcode == BO_Sub) && binary.getType()->isPointerType() && child.getType()->isPointerType();
  if (moves_pointer) {
    if (place_.form == Form::value)
      place_.element = true;
    return Step::on;
  }
  // Integers made of an address stay addresses: (uintptr_t)&x | 1.
  if (place_.form == Form::address && binary.getType()->isIntegerType() && !binary.isComparisonOp() &&
      !binary.isLogicalOp() && child.getType()->isIntegerType())
    return Step::on;
  const bool computes = !binary.isComparisonOp() && !binary.isLogicalOp();
  return computes && place_.form == Form::value ? end() : end_compared();
}

Climb::Step Climb::into_assignment(const BinaryOperator &assignment, const Expr &child) {
  if (assignment.getLHS() == &child) {
    if (place_.form == Form::lvalue) {
      atomic_ = atomic_ || is_atomic(child.getType(), callees_.knowledge());
      const bool modifies = assignment.isCompoundAssignmentOp() || computes_with(assignment.getRHS(), child);
      emit({.kind = modifies ? AccessKind::read_modify_write : AccessKind::write, .stored = assignment.getRHS()});
    } else if (place_.form == Form::pointer_variable && assignment.isCompoundAssignmentOp()) {
      if (!assignment.isLValue())
        place_.form = Form::address; // (p += 2)->x
      return Step::on;
    }
    return Step::stop;
  }
  if (assignment.isCompoundAssignmentOp())
    return place_.form == Form::value ? end() : end_compared();
  const VarDecl *local = local_variable(assignment.getLHS());
  if (local && !is_reference(*local)) {
    keep(*local);
  } else if (place_.form == Form::address) {
    emit({.kind = AccessKind::stored, .target = assignment.getLHS(), .element = place_.element});
  } else {
    end();
  }
  quiet_ = true;
  return assignment.isLValue() ? Step::stop : Step::on;
}

Climb::Step Climb::into_member(const MemberExpr &member) {
  if (!llvm::isa<FieldDecl, IndirectFieldDecl, CXXMethodDecl>(member.getMemberDecl()))
    return Step::stop; // a static member: the object before it is not touched
  if (member.isArrow())
    dereference();
  if (llvm::isa<CXXMethodDecl>(member.getMemberDecl()))
    return Step::on;
  append_member(*member.getMemberDecl());
  return Step::on;
}

Climb::Step Climb::into_subscript(const ArraySubscriptExpr &subscript, const Expr &child) {
  if (subscript.getBase() != &child)
    return end();
  if (place_.form == Form::value)
    place_.element = true;
  dereference();
  return Step::on;
}

void Climb::dereference() {
  if (place_.form == Form::value)
    place_.path += "->";
  if (place_.element)
    place_.path += "[]";
  place_.element = false;
  place_.form = Form::lvalue;
  quiet_ = false;
}

void Climb::append_member(const ValueDecl &member) {
  if (member.getDeclName()) {
    llvm::StringRef path = place_.path;
    place_.path += (path.ends_with("->") ? "" : ".") + member.getNameAsString();
  }
  if (member.getType()->isReferenceType())
    place_.path += "->";
}

// ---- the rest ------------------------------------------------------------------------------------------------------

Climb::Step Climb::into_list(const InitListExpr &list) {
  if (list.getNumInits() == 1 && !list.getType()->isRecordType() && !list.getType()->isArrayType())
    return Step::on;
  return end(AccessKind::stored);
}

Climb::Step Climb::into_asm(const GCCAsmStmt &statement, const Expr &child) {
  for (unsigned output = 0; output < statement.getNumOutputs(); ++output)
    if (statement.getOutputExpr(output) == &child && place_.form == Form::lvalue) {
      bool reads = statement.getOutputConstraint(output).starts_with("+");
      emit({.kind = reads ? AccessKind::read_modify_write : AccessKind::write});
      return Step::stop;
    }
  return end();
}

Climb::Step Climb::end(AccessKind kind) {
  if (place_.form == Form::value || place_.form == Form::lvalue)
    emit({.kind = AccessKind::read});
  else
    emit({.kind = place_.form == Form::pointer_variable ? AccessKind::address : kind});
  return Step::stop;
}

Climb::Step Climb::end_compared() {
  if (place_.form == Form::address)
    emit({.kind = AccessKind::read, .compared = true});
  else if (place_.form == Form::value)
    emit({.kind = AccessKind::read, .tested = true});
  else
    end();
  return Step::stop;
}

Climb::Step Climb::discard() {
  if (place_.form == Form::value || place_.form == Form::lvalue)
    end();
  return Step::stop;
}

void Climb::emit(Use use) {
  if (quiet_)
    return;
  use.path = place_.path;
  use.atomic = atomic_;
  sink_(use);
}

} // namespace ringfence
