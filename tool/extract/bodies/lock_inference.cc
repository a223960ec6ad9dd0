#include "extract/bodies/lock_inference.h"

#include "extract/bodies/unproven_locks.h"

#include <clang/AST/ASTContext.h>
#include <clang/AST/ExprCXX.h>
#include <llvm/ADT/StringExtras.h>

namespace ringfence {

using namespace clang;

namespace {

struct Pair {
  llvm::StringRef begin, end;
  bool speaks; // of a lock by itself
};

constexpr Pair pairs[] = {
    {"lock", "unlock", true},  {"wrlock", "unlock", true}, {"rdlock", "unlock", true}, {"acquire", "release", false},
    {"enter", "leave", false}, {"enter", "exit", false},   {"begin", "end", false},
};

// Where a word stands in a name as one of its own, "lock" in "pool_lock" and "poolLock", not in "block"; npos: nowhere.
std::size_t word_in(llvm::StringRef name, llvm::StringRef word) {
  for (std::size_t at = name.find_insensitive(word); at != llvm::StringRef::npos;
       at = name.find_insensitive(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins =
        at == 0 || !llvm::isAlpha(name[at - 1]) || (llvm::isLower(name[at - 1]) && llvm::isUpper(name[at]));
    const bool ends = end == name.size() || !llvm::isAlpha(name[end]) || llvm::isUpper(name[end]);
    if (begins && ends)
      return at;
  }
  return llvm::StringRef::npos;
}

// Whether a body changes something atomically, which is how spin locks are made.
bool works_atomically(const Stmt *statement) {
  if (!statement)
    return false;
  if (llvm::isa<AtomicExpr, GCCAsmStmt>(statement))
    return true;
  const auto *call = llvm::dyn_cast<CallExpr>(statement);
  const FunctionDecl *callee = call ? call->getDirectCallee() : nullptr;
  if (callee && callee->getIdentifier() &&
      (callee->getName().contains("atomic") || callee->getName().starts_with("__sync") ||
       callee->getName() == "test_and_set" || callee->getName().contains("compare_exchange")))
    return true;
  return llvm::any_of(statement->children(), works_atomically);
}

bool is_handle(QualType type) { return type->isPointerType() || type->isReferenceType() || type->isRecordType(); }

bool takes_the_same(const FunctionDecl &a, const FunctionDecl &b) {
  if (a.getNumParams() == 0 || b.getNumParams() == 0)
    return a.getNumParams() == b.getNumParams();
  const ASTContext &context = a.getASTContext();
  return context.hasSameType(a.getParamDecl(0)->getType(), b.getParamDecl(0)->getType());
}

// "Lock" for a word written so: the counterpart is spelled alike.
std::string like(llvm::StringRef word, llvm::StringRef written) {
  if (written.size() > 1 && llvm::isUpper(written[0]))
    return llvm::isUpper(written[1]) ? word.upper() : (word.substr(0, 1).upper() + word.substr(1).str());
  return word.str();
}

// The first look into a unit of C makes a table of all that it declares: not for a name that stands nowhere in it.
const FunctionDecl *sibling(const FunctionDecl &function, const std::string &name) {
  const IdentifierTable &names = function.getASTContext().Idents;
  const auto known = names.find(name);
  if (known == names.end())
    return nullptr;
  const DeclContext *scope = function.getDeclContext()->getRedeclContext();
  for (const NamedDecl *found : scope->lookup(DeclarationName(known->second)))
    if (const auto *other = llvm::dyn_cast<FunctionDecl>(found); other && takes_the_same(function, *other))
      return other;
  return nullptr;
}

std::string counterpart(llvm::StringRef name, std::size_t at, llvm::StringRef word, llvm::StringRef other) {
  return (name.take_front(at) + like(other, name.substr(at, word.size())) + name.substr(at + word.size())).str();
}

std::optional<InferredLock> of_pair(const FunctionDecl &function, llvm::StringRef name, llvm::StringRef word,
                                    llvm::StringRef other, LockEffect::Kind kind) {
  const std::size_t at = word_in(name, word);
  if (at == llvm::StringRef::npos)
    return std::nullopt;
  const llvm::StringRef before = name.take_front(at), after = name.substr(at + word.size());
  std::string end = counterpart(name, at, word, other);
  if (!sibling(function, end))
    return std::nullopt;
  const std::string type = function.getNumParams() > 0 ? function.getParamDecl(0)->getType().getAsString() : "";
  const std::string scope = llvm::isa<CXXMethodDecl>(function) ? function.getQualifiedNameAsString() : "";
  const std::size_t class_end = scope.rfind("::");
  return InferredLock{kind, (before + "*" + after + "(" + type + ")" + scope.substr(0, class_end)).str(),
                      std::move(end),
                      function.getNumParams() > 0 && !llvm::isa<CXXMethodDecl>(function) ? 0 : LockEffect::no_argument};
}

} // namespace

bool speaks_of_lock(llvm::StringRef text) {
  constexpr llvm::StringRef words[] = {"mutex", "lock", "critical", "crit", "monitor", "latch", "semaphore"};
  return llvm::any_of(words, [&](llvm::StringRef word) {
    const std::size_t at = text.find_insensitive(word);
    return at != llvm::StringRef::npos && (at == 0 || !text.substr(at - 1).starts_with_insensitive("block"));
  });
}

std::string name_of_end(llvm::StringRef begin) {
  for (const Pair &pair : pairs)
    if (const std::size_t at = word_in(begin, pair.begin); at != llvm::StringRef::npos)
      return counterpart(begin, at, pair.begin, pair.end);
  return {};
}

std::optional<InferredLock> infer_lock(const FunctionDecl &function) {
  if (!function.getIdentifier() || function.isStatic() || function.isOverloadedOperator())
    return std::nullopt;
  const FunctionDecl *defined = function.getDefinition();
  if (defined && defined->getBody() && !works_atomically(defined->getBody()))
    return std::nullopt;
  const QualType result = function.getReturnType();
  if (!(result->isVoidType() || result->isIntegralOrEnumerationType()) || function.getNumParams() > 2 ||
      (function.getNumParams() > 0 && !is_handle(function.getParamDecl(0)->getType())))
    return std::nullopt;
  const llvm::StringRef name = function.getName();
  const bool speaks = speaks_of_lock(name) || (function.getNumParams() > 0 &&
                                               speaks_of_lock(function.getParamDecl(0)->getType().getAsString()));
  for (const Pair &pair : pairs) {
    if (!pair.speaks && !speaks && (function.getNumParams() != 1 || llvm::isa<CXXMethodDecl>(function)))
      continue;
    if (auto found = of_pair(function, name, pair.begin, pair.end, LockEffect::Kind::acquire))
      return found;
    if (auto found = of_pair(function, name, pair.end, pair.begin, LockEffect::Kind::release))
      return found;
  }
  return std::nullopt;
}

bool is_named_as_guard(const CXXRecordDecl &record) {
  const CXXRecordDecl *defined = record.getDefinition();
  const CXXDestructorDecl *destructor = defined ? defined->getDestructor() : nullptr;
  if (!destructor || destructor->isImplicit() || destructor->isDefaulted() || destructor->getDefinition())
    return false;
  constexpr llvm::StringRef ends[] = {"Lock", "Locker", "LockGuard", "Guard", "_lock", "_locker", "_guard"};
  return speaks_of_lock(record.getName()) &&
         llvm::any_of(ends, [&](llvm::StringRef end) { return record.getName().ends_with(end); });
}

} // namespace ringfence
