// AccessWalker: what takes and releases locks.
#include "extract/bodies/access_walker.h"
#include "extract/bodies/unproven_locks.h"

#include <clang/Lex/Lexer.h>
#include <llvm/Support/raw_ostream.h>

namespace ringfence {

using namespace clang;

namespace {

constexpr std::size_t max_text = 120; // bytes of a lock as written

// "Py_BEGIN_CRITICAL_SECTION(self)": what stands in the parentheses.
std::string macro_argument(llvm::StringRef call) {
  return call.substr(call.find('(') + 1).rtrim(" \t\n;").rtrim(')').trim().substr(0, max_text).str();
}

// `std::unique_lock lock(mutex, std::defer_lock)` holds nothing yet.
bool is_deferred(const CXXConstructExpr &construction) {
  for (const Expr *argument : construction.arguments()) {
    const CXXRecordDecl *record = argument->getType()->getAsCXXRecordDecl();
    if (record && record->getIdentifier() && record->getName() == "defer_lock_t")
      return true;
  }
  return false;
}

} // namespace

// By name at level 0, else by a body that calls what is known at the level below.
const LockUse *AccessWalker::lock_use_of(const FunctionDecl *function, std::size_t level) {
  if (!function)
    return nullptr;
  auto [known, fresh] = lock_uses_[level].try_emplace(function->getCanonicalDecl());
  std::optional<LockUse> &use = known->second;
  if (fresh) {
    if (const std::optional<LockEffect> effect = lock_effect(*function, registry_.knowledge()))
      use = LockUse{*effect};
    else if (level > 0)
      use = lock_wrapper(
          *function, [&](const FunctionDecl *callee) { return lock_use_of(callee, level - 1); }, registry_.knowledge());
    if (!use)
      use = spin_wrapper(
          *function, [&](const Stmt &statement) { return spun_by(statement); },
          [&](const Stmt &statement) { return cleared_by(statement); });
    if (!use)
      use = inferred_use(*function);
  }
  return use ? &*use : nullptr;
}

std::optional<LockUse> AccessWalker::inferred_use(const FunctionDecl &function) {
  const std::optional<InferredLock> inferred = infer_lock(function);
  if (!inferred)
    return std::nullopt;
  return LockUse{{.kind = inferred->kind,
                  .guard = Guard::Kind::mutex,
                  .family = *families_.insert(inferred->family).first,
                  .lock = inferred->lock,
                  .inferred = true}};
}

std::string AccessWalker::text_of(const Expr &expression) const {
  const Expr *lock = expression.IgnoreParenImpCasts();
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(lock); unary && unary->getOpcode() == UO_AddrOf)
    lock = unary->getSubExpr()->IgnoreParenImpCasts();
  std::string text;
  llvm::raw_string_ostream stream(text);
  lock->printPretty(stream, nullptr, registry_.context().getPrintingPolicy());
  return text.substr(0, max_text);
}

Guard AccessWalker::guard_of(Guard::Kind kind, std::string api, const Expr *lock) const {
  Guard guard{.kind = kind, .api = std::move(api), .object = none, .text = {}};
  if (lock) {
    guard.object = values_.object(lock); // none for a member: each object has its own
    guard.text = text_of(*lock);
  }
  return guard;
}

// Whether the call belongs to the macro whose brace has opened the innermost section: enter_critical_section().
bool AccessWalker::is_of_open_section(const CallExpr &call, const LockUse &use) const {
  const Guard *innermost = guards_.innermost();
  return use.effect.kind == LockEffect::Kind::acquire && use.effect.guard == Guard::Kind::critical_section &&
         call.getBeginLoc().isMacroID() && innermost && innermost->kind == Guard::Kind::critical_section;
}

void AccessWalker::apply_lock(const CallExpr &call, const LockUse &use) {
  const LockEffect &effect = use.effect;
  if (effect.kind == LockEffect::Kind::once)
    return;
  const Expr *lock = lock_of(call, use);
  std::string key = lock ? text_of(*lock) : "";
  if (effect.kind == LockEffect::Kind::release)
    return guards_.release(effect.family, key);
  if (is_of_open_section(call, use))
    return;
  Guard guard = guard_of(effect.guard, call.getDirectCallee()->getQualifiedNameAsString(), lock);
  guard.inferred = effect.inferred;
  if (effect.inferred && guard.object == none && lock && !speaks_of_lock(guard.api) &&
      !speaks_of_lock(lock->getType().getAsString()))
    return; // how one handle of all is used could show it
  guards_.acquire(std::move(guard), effect.family, std::move(key), false);
}

namespace {

// Waits, and does nothing else: no statement, calls alone, and what is expected is written anew.
bool only_waits(const Stmt *body) {
  if (const auto *compound = llvm::dyn_cast_or_null<CompoundStmt>(body))
    return llvm::all_of(compound->body(), only_waits);
  if (const auto *binary = llvm::dyn_cast_or_null<BinaryOperator>(body); binary && binary->getOpcode() == BO_Assign)
    return local_variable(binary->getLHS()) != nullptr;
  return !body || llvm::isa<NullStmt, CallExpr, GCCAsmStmt>(body);
}

} // namespace

// What `while (atomic_exchange(&x, 1)) ;` and its like wait for: the expression that leads to x. A new value that is no
// constant is data: another loop then.
const Expr *AccessWalker::spun_on(const Stmt *condition) const {
  if (!condition)
    return nullptr;
  const auto is_fixed = [&](const Expr *value) { return values_.read(value).kind == StoredValue::Kind::constant; };
  if (const auto *atomic = llvm::dyn_cast<AtomicExpr>(condition)) {
    const llvm::StringRef name = atomic->getOpAsString();
    if (!name.contains("exchange"))
      return nullptr;
    return is_fixed(name.contains("compare") ? atomic->getVal2() : atomic->getVal1()) ? atomic->getPtr() : nullptr;
  }
  const auto *call = llvm::dyn_cast<CallExpr>(condition);
  const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
  if (!callee || !callee->getIdentifier())
    return find_spun(*condition);
  const auto *member = llvm::dyn_cast<CXXMemberCallExpr>(call);
  const llvm::StringRef name = callee->getName();
  const bool tests = name.contains("test_and_set"), compares = name.contains("compare");
  if (!tests && !compares && !name.contains("exchange"))
    return find_spun(*condition);
  const unsigned value = (member ? 0 : 1) + (compares ? 1 : 0); // tests need none
  if (call->getNumArgs() > value ? !is_fixed(call->getArg(value)) : !tests)
    return nullptr;
  return member ? member->getImplicitObjectArgument() : call->getNumArgs() > 0 ? call->getArg(0) : nullptr;
}

const Expr *AccessWalker::find_spun(const Stmt &statement) const {
  for (const Stmt *child : statement.children())
    if (const Expr *found = spun_on(child))
      return found;
  return nullptr;
}

// What a loop with this condition and body waits for; null where it does more.
const Expr *AccessWalker::spun_in(const Stmt *condition, const Stmt *body) const {
  return only_waits(body) ? spun_on(condition) : nullptr;
}

// What a statement waits for that is such a loop; null for others.
const Expr *AccessWalker::spun_by(const Stmt &statement) const {
  if (const auto *loop = llvm::dyn_cast<WhileStmt>(&statement))
    return spun_in(loop->getCond(), loop->getBody());
  if (const auto *loop = llvm::dyn_cast<DoStmt>(&statement))
    return spun_in(loop->getCond(), loop->getBody());
  const auto *loop = llvm::dyn_cast<ForStmt>(&statement);
  return loop && !loop->getInit() && !loop->getInc() ? spun_in(loop->getCond(), loop->getBody()) : nullptr;
}

// The word to which a statement stores 0 by an atomic operation; null for others.
const Expr *AccessWalker::cleared_by(const Stmt &statement) {
  const auto is_zero = [&](const Expr *value) {
    Expr::EvalResult result;
    return !value->isValueDependent() && value->EvaluateAsInt(result, registry_.context()) && result.Val.getInt() == 0;
  };
  if (const auto *atomic = llvm::dyn_cast<AtomicExpr>(&statement))
    return atomic->getOpAsString().contains("store") && is_zero(atomic->getVal1()) ? atomic->getPtr() : nullptr;
  if (const auto *call = llvm::dyn_cast<CXXMemberCallExpr>(&statement)) {
    const CXXMethodDecl *method = call->getMethodDecl();
    const bool stores = method && atomic_method(*method, registry_.knowledge()) == AtomicOperation::store;
    return stores && (call->getNumArgs() == 0 || is_zero(call->getArg(0))) ? call->getImplicitObjectArgument()
                                                                           : nullptr;
  }
  const auto *call = llvm::dyn_cast<CallExpr>(&statement);
  const CalleeTraits traits = callees_[call ? call->getDirectCallee() : nullptr];
  if (traits.atomic != AtomicOperation::store || call->getNumArgs() <= traits.stored_argument)
    return nullptr;
  return traits.stored_argument == 0 || is_zero(call->getArg(traits.stored_argument)) ? call->getArg(0) : nullptr;
}

void AccessWalker::take_spun_lock(const Stmt *condition, const Stmt *body) {
  const Expr *lock = spun_in(condition, body);
  if (!lock || values_.object(lock) == none)
    return;
  Guard guard = guard_of(Guard::Kind::spin, "a loop around an atomic exchange", lock);
  guard.inferred = true;
  guards_.acquire(std::move(guard), spin_family, text_of(*lock), false);
}

void AccessWalker::take_scoped_lock(const VarDecl &variable) {
  const CXXRecordDecl *record = cplusplus_ ? variable.getType()->getAsCXXRecordDecl() : nullptr;
  const bool named = record && record->getIdentifier();
  const std::string name = named ? record->getQualifiedNameAsString() : "";
  const std::optional<LockEffect> effect = named ? scoped_lock(name, registry_.knowledge()) : std::nullopt;
  const auto *construction = record ? llvm::dyn_cast<CXXConstructExpr>(strip(variable.getInit())) : nullptr;
  if (construction && !effect)
    return take_guard_object(variable, *construction);
  if (!effect)
    return;
  if (construction && is_deferred(*construction))
    return;
  const Expr *lock = construction && construction->getNumArgs() > 0 ? construction->getArg(0) : nullptr;
  guards_.acquire(guard_of(effect->guard, name, lock), effect->family, variable.getNameAsString(), true);
}

// An object of a guard class of the project's own.
void AccessWalker::take_guard_object(const VarDecl &variable, const CXXConstructExpr &construction) {
  const std::optional<LockUse> use = scoped_wrapper(*construction.getConstructor(),
                                                    [&](const FunctionDecl *callee) { return lock_use_of(callee, 1); });
  if (!use)
    return take_unread_guard(variable, construction);
  const LockEffect &effect = use->effect;
  const Expr *lock = effect.lock < construction.getNumArgs() ? construction.getArg(effect.lock) : use->global;
  std::string api = effect.detaches ? std::string(effect.family)
                                    : variable.getType()->getAsCXXRecordDecl()->getQualifiedNameAsString();
  guards_.acquire(guard_of(effect.guard, std::move(api), lock), effect.family, variable.getNameAsString(), true);
}

// The kind of lock that an object of a guard class takes, by a member that is a guard itself; nothing where none is.
std::optional<Guard::Kind> AccessWalker::guard_in_member(const CXXConstructorDecl &constructor) {
  const CXXRecordDecl *record = constructor.getParent()->getDefinition();
  if (!record)
    return std::nullopt;
  for (const FieldDecl *field : record->fields()) {
    const CXXRecordDecl *of_field = field->getType()->getAsCXXRecordDecl();
    if (!of_field || !of_field->getIdentifier())
      continue;
    if (const auto effect = scoped_lock(of_field->getQualifiedNameAsString(), registry_.knowledge()))
      return effect->guard;
  }
  const FunctionDecl *defined = constructor.getDefinition();
  if (!defined)
    return std::nullopt;
  for (const CXXCtorInitializer *initialiser : llvm::cast<CXXConstructorDecl>(defined)->inits()) {
    const Expr *value = initialiser->isAnyMemberInitializer() ? initialiser->getInit() : nullptr;
    const auto *made = value ? llvm::dyn_cast<CXXConstructExpr>(strip(value)) : nullptr;
    if (!made)
      continue;
    if (const auto use =
            scoped_wrapper(*made->getConstructor(), [&](const FunctionDecl *callee) { return lock_use_of(callee, 1); }))
      return use->effect.guard;
  }
  return std::nullopt;
}

// A class that keeps a known guard in a member, or one that is named as a guard and does its work in another unit.
void AccessWalker::take_unread_guard(const VarDecl &variable, const CXXConstructExpr &construction) {
  const CXXRecordDecl &record = *construction.getConstructor()->getParent();
  const std::optional<Guard::Kind> kind = guard_in_member(*construction.getConstructor());
  const bool inferred = !kind && is_named_as_guard(record);
  if (!kind && !inferred)
    return;
  const Expr *lock = construction.getNumArgs() > 0 ? construction.getArg(0) : nullptr;
  Guard guard = guard_of(kind.value_or(Guard::Kind::mutex), record.getQualifiedNameAsString(), lock);
  guard.inferred = inferred;
  guards_.acquire(std::move(guard), "guard class", variable.getNameAsString(), true);
}

// What follows runs for the main interpreter alone: until the end of the block where `scoped`, else until released.
void AccessWalker::enter_main_interpreter(const Expr &condition, bool scoped) {
  Guard guard{.kind = Guard::Kind::main_interpreter, .api = "a test", .object = none, .text = text_of(condition)};
  guards_.acquire(std::move(guard), main_interpreter_family, "", scoped);
}

// The brace of a critical section is all that is left of its macro on builds with a GIL.
void AccessWalker::enter_critical_section(const CompoundStmt &compound) {
  const SourceManager &sources = registry_.context().getSourceManager();
  const LangOptions &options = registry_.context().getLangOpts();
  SourceLocation place = compound.getLBracLoc();
  while (place.isMacroID()) {
    llvm::StringRef macro = Lexer::getImmediateMacroName(place, sources, options);
    CharSourceRange expansion = sources.getImmediateExpansionRange(place);
    if (const std::optional<LockEffect> effect = scoped_lock(macro, registry_.knowledge())) {
      Guard guard{.kind = effect->guard, .api = macro.str(), .object = none, .text = {}};
      if (expansion.getBegin().isFileID())
        guard.text = macro_argument(Lexer::getSourceText(expansion, sources, options));
      std::string key = guard.text;
      guards_.acquire(std::move(guard), effect->family, std::move(key), true);
      return;
    }
    place = expansion.getBegin();
  }
}

} // namespace ringfence
