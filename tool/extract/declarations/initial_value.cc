#include "extract/declarations/initial_value.h"

#include <clang/AST/ExprCXX.h>

namespace ringfence {

namespace {

// Precondition: a constant expression. Stops at the first leaf that is not zero.
bool is_zero(const clang::Expr &initialiser, const clang::ASTContext &context) {
  const clang::Expr *expression = initialiser.IgnoreParenImpCasts();
  if (const auto *constant = llvm::dyn_cast<clang::ConstantExpr>(expression))
    expression = constant->getSubExpr()->IgnoreParenImpCasts();
  if (const auto *list = llvm::dyn_cast<clang::InitListExpr>(expression)) {
    for (const clang::Expr *element : list->inits())
      if (element && !is_zero(*element, context))
        return false;
    return !list->hasArrayFiller() || is_zero(*list->getArrayFiller(), context);
  }
  if (llvm::isa<clang::ImplicitValueInitExpr, clang::CXXScalarValueInitExpr, clang::NoInitExpr>(expression))
    return true;
  if (expression->isNullPointerConstant(const_cast<clang::ASTContext &>(context),
                                        clang::Expr::NPC_ValueDependentIsNotNull))
    return true;
  if (!expression->getType()->isScalarType())
    return false;
  clang::Expr::EvalResult result;
  if (!expression->EvaluateAsRValue(result, context) || result.HasSideEffects)
    return false;
  if (result.Val.isInt())
    return result.Val.getInt().isZero();
  return (result.Val.isFloat() && result.Val.getFloat().isPosZero()) ||
         (result.Val.isLValue() && result.Val.isNullPointer());
}

} // namespace

Initialiser initial_value(const clang::Expr &initialiser, const clang::ASTContext &context) {
  if (initialiser.containsErrors())
    return Initialiser::constant;
  if (initialiser.isValueDependent())
    return Initialiser::dynamic;
  if (context.getLangOpts().CPlusPlus &&
      !initialiser.isConstantInitializer(const_cast<clang::ASTContext &>(context), /*ForRef=*/false))
    return Initialiser::dynamic;
  return is_zero(initialiser, context) ? Initialiser::zero : Initialiser::constant;
}

Initialiser initial_value(const clang::VarDecl &variable, const clang::ASTContext &context) {
  const clang::Expr *initialiser = variable.getAnyInitializer();
  if (!initialiser)
    return Initialiser::none;
  if (variable.isConstexpr() && initialiser->isValueDependent())
    return Initialiser::constant; // [dcl.constexpr], in every instance of the template
  if (context.getLangOpts().CPlusPlus && !initialiser->isValueDependent() && !initialiser->containsErrors()) {
    // What is folded to an address, as `(T *)&t` is, runs no code either.
    if (!variable.hasConstantInitialization() &&
        !initialiser->isConstantInitializer(const_cast<clang::ASTContext &>(context), /*ForRef=*/false))
      return Initialiser::dynamic;
    return is_zero(*initialiser, context) ? Initialiser::zero : Initialiser::constant;
  }
  return initial_value(*initialiser, context);
}

bool is_constant(const clang::VarDecl &variable) {
  const clang::ASTContext &context = variable.getASTContext();
  return variable.getType().isConstantStorage(context, /*ExcludeCtor=*/true, /*ExcludeDtor=*/false) &&
         (!context.getLangOpts().CPlusPlus || variable.hasConstantInitialization());
}

} // namespace ringfence
