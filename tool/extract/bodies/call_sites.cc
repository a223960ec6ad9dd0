#include "extract/bodies/call_sites.h"

#include <clang/AST/ASTContext.h>
#include <clang/Basic/Stack.h>

#include "extract/bodies/access_value.h"
#include "knowledge/api_names.h"

namespace ringfence {

using namespace clang;

namespace {

const VarDecl *local_in(const Expr *expression) { return named_local(strip(expression)); }

template <class Read> void for_each_child(const Stmt &statement, Read read) {
  clang::runWithSufficientStackSpace([] {},
                                     [&] {
                                       for (const Stmt *child : statement.children())
                                         if (child)
                                           read(child);
                                     });
}

} // namespace

llvm::ArrayRef<const CallExpr *> CallSites::calls_of(const FunctionDecl &function) {
  const FunctionDecl *first = function.getFirstDecl();
  if (function.isExternallyVisible() || !function.getIdentifier() || is_interpreter_name(function.getName()) ||
      !first->getLexicalDeclContext()->isTranslationUnit())
    return {};
  read_from(*first);
  const auto known = escaping_.contains(first) ? calls_.end() : calls_.find(first);
  return known == calls_.end() ? llvm::ArrayRef<const CallExpr *>() : known->second;
}

llvm::ArrayRef<const Expr *> CallSites::values_of(const VarDecl &local) {
  const auto *function = llvm::dyn_cast_or_null<FunctionDecl>(local.getParentFunctionOrMethod());
  if (function && with_values_.insert(function).second && function->doesThisDeclarationHaveABody())
    read_values(function->getBody());
  const auto known = values_.find(&local);
  return known == values_.end() ? llvm::ArrayRef<const Expr *>() : known->second;
}

// Nothing in front of a function's first declaration calls it.
void CallSites::read_from(const Decl &first) {
  const SourceManager &sources = registry_.context().getSourceManager();
  if (begin_ && !sources.isBeforeInTranslationUnit(first.getLocation(), begin_->getLocation()))
    return;
  for (const Decl *decl = &first; decl && decl != begin_; decl = decl->getNextDeclInContext()) {
    const auto *function = llvm::dyn_cast<FunctionDecl>(decl);
    const auto *variable = llvm::dyn_cast<VarDecl>(decl);
    const Stmt *body = function && function->doesThisDeclarationHaveABody() ? function->getBody()
                       : variable                                           ? variable->getInit()
                                                                            : nullptr;
    if (body && registry_.in_project(decl->getLocation()))
      read_calls(body);
  }
  begin_ = &first;
}

void CallSites::read_calls(const Stmt *statement) {
  const auto *call = llvm::dyn_cast<CallExpr>(statement);
  const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
  if (callee) {
    calls_[callee->getCanonicalDecl()].push_back(call);
    for (const Expr *argument : call->arguments())
      read_calls(argument);
  } else if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(statement)) {
    if (const auto *function = llvm::dyn_cast<FunctionDecl>(reference->getDecl()))
      escaping_.insert(function->getCanonicalDecl());
  } else {
    for_each_child(*statement, [&](const Stmt *child) { read_calls(child); });
  }
}

void CallSites::read_values(const Stmt *statement) {
  if (const auto *call = llvm::dyn_cast<CallExpr>(statement)) {
    for (const Expr *argument : call->arguments()) {
      const auto *address = llvm::dyn_cast<UnaryOperator>(strip(argument));
      if (address && address->getOpcode() == UO_AddrOf)
        if (const VarDecl *local = local_in(address->getSubExpr()))
          values_[local].push_back(nullptr);
    }
  } else if (const auto *assignment = llvm::dyn_cast<BinaryOperator>(statement);
             assignment && assignment->isAssignmentOp()) {
    if (const VarDecl *local = local_in(assignment->getLHS()))
      values_[local].push_back(assignment->getRHS());
  }
  for_each_child(*statement, [&](const Stmt *child) { read_values(child); });
}

} // namespace ringfence
