#include "extract/bodies/call_sites.h"

#include <clang/AST/ASTContext.h>
#include <clang/Basic/Stack.h>

#include "extract/bodies/access_value.h"

namespace ringfence {

using namespace clang;

namespace {

const VarDecl *local_in(const Expr *expression) {
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(strip(expression));
  const auto *variable = reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
  return variable && !variable->hasGlobalStorage() ? variable : nullptr;
}

} // namespace

llvm::ArrayRef<const CallExpr *> CallSites::calls_of(const FunctionDecl &function) {
  if (function.isExternallyVisible())
    return {};
  read_unit();
  const auto *declared = function.getCanonicalDecl();
  const auto known = escaping_.contains(declared) ? calls_.end() : calls_.find(declared);
  return known == calls_.end() ? llvm::ArrayRef<const CallExpr *>() : known->second;
}

llvm::ArrayRef<const Expr *> CallSites::values_of(const VarDecl &local) {
  read_unit();
  const auto known = values_.find(&local);
  return known == values_.end() ? llvm::ArrayRef<const Expr *>() : known->second;
}

void CallSites::read_unit() {
  if (is_read_)
    return;
  is_read_ = true;
  for (const Decl *decl : registry_.context().getTranslationUnitDecl()->decls()) {
    const auto *function = llvm::dyn_cast<FunctionDecl>(decl);
    const auto *variable = llvm::dyn_cast<VarDecl>(decl);
    const Stmt *body = function && function->doesThisDeclarationHaveABody() ? function->getBody()
                       : variable                                           ? variable->getInit()
                                                                            : nullptr;
    if (body && registry_.in_project(decl->getLocation()))
      read(body);
  }
}

void CallSites::read(const Stmt *statement) {
  if (!statement)
    return;
  if (const auto *call = llvm::dyn_cast<CallExpr>(statement)) {
    if (const FunctionDecl *callee = call->getDirectCallee())
      calls_[callee->getCanonicalDecl()].push_back(call);
    else
      read(call->getCallee());
    for (const Expr *argument : call->arguments()) {
      const auto *address = llvm::dyn_cast<UnaryOperator>(strip(argument));
      if (address && address->getOpcode() == UO_AddrOf)
        if (const VarDecl *local = local_in(address->getSubExpr()))
          values_[local].push_back(nullptr);
      read(argument);
    }
    return;
  }
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(statement)) {
    if (const auto *function = llvm::dyn_cast<FunctionDecl>(reference->getDecl()))
      escaping_.insert(function->getCanonicalDecl());
    return;
  }
  if (const auto *assignment = llvm::dyn_cast<BinaryOperator>(statement); assignment && assignment->isAssignmentOp()) {
    if (const VarDecl *local = local_in(assignment->getLHS()))
      values_[local].push_back(assignment->getRHS());
  }
  clang::runWithSufficientStackSpace([] {},
                                     [&] {
                                       for (const Stmt *child : statement->children())
                                         read(child);
                                     });
}

} // namespace ringfence
