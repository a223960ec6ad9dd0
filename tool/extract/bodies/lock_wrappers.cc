#include "extract/bodies/lock_wrappers.h"

#include <algorithm>

#include <clang/AST/ExprCXX.h>
#include <clang/AST/StmtCXX.h>
#include <llvm/ADT/SmallVector.h>

#include "extract/bodies/access_value.h"
#include "facts/guard_kinds.h"

namespace ringfence {

using namespace clang;

namespace {

using Calls = llvm::SmallVector<const CallExpr *, 4>;

// All calls, or those alone that are made whenever the statement is reached.
void collect(const Stmt *statement, bool certain, Calls &calls) {
  if (!statement || llvm::isa<LambdaExpr>(statement))
    return;
  if (const auto *call = llvm::dyn_cast<CallExpr>(statement))
    calls.push_back(call);
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(statement); certain && binary && binary->isLogicalOp())
    return collect(binary->getLHS(), certain, calls);
  if (const auto *choice = llvm::dyn_cast<AbstractConditionalOperator>(statement); certain && choice)
    return collect(choice->getCond(), certain, calls);
  if (const auto *branch = llvm::dyn_cast<IfStmt>(statement); certain && branch)
    return collect(branch->getCond(), certain, calls);
  if (const auto *loop = llvm::dyn_cast<WhileStmt>(statement); certain && loop)
    return collect(loop->getCond(), certain, calls);
  if (certain && llvm::isa<ForStmt, CXXForRangeStmt, SwitchStmt, CXXTryStmt>(statement))
    return;
  for (const Stmt *child : statement->children())
    collect(child, certain, calls);
}

bool may_leave(const Stmt *statement) {
  return statement && (llvm::isa<ReturnStmt, GotoStmt, CXXThrowExpr>(statement) ||
                       std::any_of(statement->child_begin(), statement->child_end(), may_leave));
}

// What an expression is, or is a member of, or points to; null where an index chooses it, or for null.
const VarDecl *root(const Expr *expression) {
  if (!expression)
    return nullptr;
  expression = expression->IgnoreParenCasts();
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression))
    return unary->getOpcode() == UO_AddrOf || unary->getOpcode() == UO_Deref ? root(unary->getSubExpr()) : nullptr;
  if (const auto *member = llvm::dyn_cast<MemberExpr>(expression))
    return root(member->getBase());
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression);
  return reference ? llvm::dyn_cast<VarDecl>(reference->getDecl()) : nullptr;
}

bool mentions(const Stmt *statement, const VarDecl &variable) {
  if (!statement)
    return false;
  const auto *reference = llvm::dyn_cast<DeclRefExpr>(statement);
  return (reference && reference->getDecl() == &variable) ||
         std::any_of(statement->child_begin(), statement->child_end(),
                     [&](const Stmt *child) { return mentions(child, variable); });
}

// What a wrapper does: to the argument that is its parameter, else to the lock that its body names.
LockUse use_of(LockEffect effect, const ParmVarDecl *parameter, const Expr *lock) {
  effect.lock = parameter ? parameter->getFunctionScopeIndex() : LockEffect::no_argument;
  return {effect, parameter ? nullptr : lock};
}

struct CertainLock {
  const LockUse *use;      // of the function that is called
  const Expr *given;       // the lock, as given to it
  const VarDecl *variable; // which names the lock
};

// The first lock function that a body calls whichever way control goes.
std::optional<CertainLock> certain_lock(const CompoundStmt &body, LockUses known) {
  for (const Stmt *statement : body.body()) {
    Calls calls;
    collect(statement, true, calls);
    for (const CallExpr *call : calls)
      if (const LockUse *use = known(call->getDirectCallee())) {
        const Expr *given = lock_of(*call, *use);
        const VarDecl *variable = root(given);
        return variable ? std::optional(CertainLock{use, given, variable}) : std::nullopt;
      }
    if (may_leave(statement))
      return std::nullopt;
  }
  return std::nullopt;
}

// Lets the lock alone: it ends the program, switches the GIL, or is not given the parameter that names the lock.
bool is_beside(const CallExpr &call, const VarDecl &lock, const Knowledge &knowledge) {
  const FunctionDecl *callee = call.getDirectCallee();
  if (!callee)
    return false;
  if (callee->isNoReturn() || callee->getBuiltinID() != 0)
    return true;
  const ApiEntry *known = callee->getIdentifier() ? knowledge.function(callee->getName()) : nullptr;
  if (known && (known->has("gil-release") || known->has("gil-restore")))
    return true;
  return llvm::isa<ParmVarDecl>(lock) && !mentions(&call, lock);
}

} // namespace

const Expr *lock_of(const CallExpr &call, const LockUse &use) {
  if (const auto *method = llvm::dyn_cast<CXXMemberCallExpr>(&call))
    return method->getImplicitObjectArgument();
  return use.effect.lock < call.getNumArgs() ? call.getArg(use.effect.lock) : use.global;
}

namespace {

// The parameter that a member of `this` was made of, in the head of the constructor; null for other expressions.
const ParmVarDecl *kept_parameter(const CXXConstructorDecl &constructor, const Expr *expression) {
  expression = expression ? expression->IgnoreParenCasts() : nullptr;
  if (const auto *unary = llvm::dyn_cast_or_null<UnaryOperator>(expression))
    expression = unary->getSubExpr()->IgnoreParenCasts();
  const auto *member = llvm::dyn_cast_or_null<MemberExpr>(expression);
  if (!member || !llvm::isa<CXXThisExpr>(member->getBase()->IgnoreParenCasts()))
    return nullptr;
  for (const CXXCtorInitializer *initialiser : constructor.inits())
    if (initialiser->getAnyMember() == member->getMemberDecl())
      return llvm::dyn_cast_or_null<ParmVarDecl>(root(initialiser->getInit()));
  return nullptr;
}

const LockUse *first_use(const Stmt *body, LockEffect::Kind kind, LockUses known, const CallExpr *&made_by) {
  Calls calls;
  collect(body, true, calls);
  for (const CallExpr *call : calls)
    if (const LockUse *use = known(call->getDirectCallee()); use && use->effect.kind == kind) {
      made_by = call;
      return use;
    }
  return nullptr;
}

} // namespace

std::optional<LockUse> scoped_wrapper(const CXXConstructorDecl &declared, LockUses known) {
  const FunctionDecl *defined = declared.getDefinition();
  const CXXDestructorDecl *destructor = declared.getParent()->getDestructor();
  if (!defined || !destructor || !destructor->getBody())
    return std::nullopt;
  const auto &constructor = llvm::cast<CXXConstructorDecl>(*defined);
  const CallExpr *call = nullptr;
  const LockUse *use = first_use(constructor.getBody(), LockEffect::Kind::acquire, known, call);
  if (!use || !is_lock(use->effect.guard))
    return std::nullopt;
  const CallExpr *releasing = nullptr;
  const LockUse *release = first_use(destructor->getBody(), LockEffect::Kind::release, known, releasing);
  if (!release || release->effect.family != use->effect.family)
    return std::nullopt;
  const Expr *lock = lock_of(*call, *use);
  const auto *parameter = llvm::dyn_cast_or_null<ParmVarDecl>(root(lock));
  if (!parameter)
    parameter = kept_parameter(constructor, lock);
  return use_of(use->effect, parameter, lock);
}

namespace {

bool is_of_this(const Expr *expression) {
  const auto *member = expression ? llvm::dyn_cast<MemberExpr>(expression->IgnoreParenCasts()) : nullptr;
  return member && (llvm::isa<CXXThisExpr>(member->getBase()->IgnoreParenCasts()) || is_of_this(member->getBase()));
}

// `void enter() { mutex_.lock(); }`: the object stands for its lock.
std::optional<LockUse> method_wrapper(const CXXMethodDecl &method, const CompoundStmt &body, LockUses known) {
  if (method.isStatic() || body.size() != 1)
    return std::nullopt;
  Calls all, certain;
  collect(&body, false, all);
  collect(&body, true, certain);
  const LockUse *use = all.size() == 1 && certain.size() == 1 ? known(all.front()->getDirectCallee()) : nullptr;
  if (!use || use->effect.kind == LockEffect::Kind::once || !is_lock(use->effect.guard) ||
      !is_of_this(lock_of(*all.front(), *use)))
    return std::nullopt;
  return use_of(use->effect, nullptr, nullptr);
}

} // namespace

std::optional<LockUse> lock_wrapper(const FunctionDecl &function, LockUses known, const Knowledge &knowledge) {
  const CompoundStmt *body = body_of(&function);
  if (!body)
    return std::nullopt;
  if (const auto *method = llvm::dyn_cast<CXXMethodDecl>(&function))
    return method_wrapper(*method, *body, known);
  const std::optional<CertainLock> lock = certain_lock(*body, known);
  const LockEffect *effect = lock ? &lock->use->effect : nullptr;
  if (!effect || effect->kind == LockEffect::Kind::once || effect->guard == Guard::Kind::critical_section ||
      !is_lock(effect->guard))
    return std::nullopt;
  Calls all;
  collect(body, false, all);
  for (const CallExpr *call : all) {
    const LockUse *use = known(call->getDirectCallee());
    const bool same = use && use->effect.kind == effect->kind && use->effect.family == effect->family &&
                      root(lock_of(*call, *use)) == lock->variable;
    if (use ? !same : effect->kind == LockEffect::Kind::acquire && !is_beside(*call, *lock->variable, knowledge))
      return std::nullopt;
  }
  const auto *parameter = llvm::dyn_cast<ParmVarDecl>(lock->variable);
  if (!parameter && !lock->variable->hasGlobalStorage())
    return std::nullopt;
  return use_of(*effect, parameter, lock->given);
}

std::optional<LockUse> spin_wrapper(const FunctionDecl &function, LockedWord spun, LockedWord cleared) {
  const CompoundStmt *body = body_of(&function);
  if (!body || !function.getReturnType()->isVoidType())
    return std::nullopt;
  const Expr *taken = nullptr, *given = nullptr;
  for (const Stmt *statement : body->body()) {
    const auto *full = llvm::dyn_cast<FullExpr>(statement);
    const Stmt &bare = full ? *full->getSubExpr() : *statement;
    if (const Expr *lock = taken ? nullptr : spun(bare))
      taken = lock;
    else if (const Expr *word = given ? nullptr : cleared(bare))
      given = word;
    else if (!llvm::isa<DeclStmt, NullStmt>(bare))
      return std::nullopt;
  }
  const Expr *lock = taken ? taken : given;
  const VarDecl *variable = (taken == nullptr) == (given == nullptr) ? nullptr : root(lock);
  const auto *parameter = llvm::dyn_cast_or_null<ParmVarDecl>(variable);
  if (!variable || (!parameter && !variable->hasGlobalStorage()))
    return std::nullopt;
  const LockEffect effect = {.kind = taken ? LockEffect::Kind::acquire : LockEffect::Kind::release,
                             .guard = Guard::Kind::spin,
                             .family = spin_family,
                             .inferred = true};
  return use_of(effect, parameter, lock);
}

} // namespace ringfence
