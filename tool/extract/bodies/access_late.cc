// AccessWalker: pointers that are loaded under a lock and used when it is released.
#include <algorithm>

#include "extract/bodies/access_walker.h"
#include "facts/guard_kinds.h"

namespace ringfence {

using namespace clang;

namespace {

// What an expression is part of, up to the statement: `seen` says so of each.
bool any_around(const std::vector<Frame> &frames, auto seen) {
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    if (frame->statement && !llvm::isa<Expr>(frame->statement))
      return false;
    if (seen(*frame))
      return true;
  }
  return false;
}

bool is_call(const Frame &frame) {
  return llvm::isa_and_nonnull<CallExpr, CXXConstructExpr, CXXNewExpr>(frame.statement);
}

// Whether a pointer is given to a call as it is, not compared in an argument.
bool is_given(const std::vector<Frame> &frames) {
  for (auto frame = frames.rbegin() + 1; frame != frames.rend(); ++frame)
    if (!frame->statement || !llvm::isa<CastExpr, ParenExpr>(frame->statement))
      return is_call(*frame);
  return false;
}

// Is changed, or has another name from here on.
bool is_kept_or_changed(const Frame &frame) {
  const auto *unary = llvm::dyn_cast_or_null<UnaryOperator>(frame.statement);
  const auto *binary = llvm::dyn_cast_or_null<BinaryOperator>(frame.statement);
  return frame.variable || (unary && unary->isIncrementDecrementOp()) || (binary && binary->isAssignmentOp());
}

} // namespace

// `p = self->item`, but not `p = Py_NewRef(self->item)`.
void AccessWalker::keep_loaded(const VarDecl &local, Index object, const Expr &reference) {
  loaded_.erase(&local);
  const Guard *lock = guards_.innermost();
  if (!lock || !is_lock(lock->kind) || function_ == none || !local.getType()->isPointerType() ||
      any_around(frames_, is_call) || llvm::isa<CallExpr>(strip(&reference)))
    return;
  loaded_[&local] = {object, *lock};
}

void AccessWalker::visit_loaded(const Expr &reference, const VarDecl &local) {
  const auto known = loaded_.find(&local);
  if (known == loaded_.end())
    return;
  const auto [object, lock] = known->second;
  const std::vector<Guard> held = guards_.held();
  if (std::find(held.begin(), held.end(), lock) != held.end()) {
    if (any_around(frames_, is_call) || any_around(frames_, is_kept_or_changed))
      loaded_.erase(known); // perhaps a reference is taken
    return;
  }
  if (!is_given(frames_) && !is_followed(reference)) {
    if (any_around(frames_, is_kept_or_changed))
      loaded_.erase(known);
    return;
  }
  loaded_.erase(known);
  std::vector<LateUse> &uses = registry_.facts().late_uses;
  const bool told = std::any_of(uses.rbegin(), uses.rend(), [&, object = object](const LateUse &use) {
    return use.object == object && use.function == function_;
  });
  if (!told)
    uses.push_back({object, function_, lock.api, registry_.location(reference.getExprLoc())});
}

// Who takes the pointer out of the object owns what it leads to.
void AccessWalker::forget_loaded(Index object) {
  std::erase_if(loaded_, [&](const auto &loaded) { return loaded.second.object == object; });
}

} // namespace ringfence
