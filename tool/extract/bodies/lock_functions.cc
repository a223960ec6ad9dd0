#include "extract/bodies/lock_functions.h"

#include <string>

namespace ringfence {

namespace {

Guard::Kind guard_kind(KnownLock::Kind kind) {
  switch (kind) {
  case KnownLock::Kind::mutex:
    return Guard::Kind::mutex;
  case KnownLock::Kind::shared:
    return Guard::Kind::other;
  case KnownLock::Kind::spin:
    return Guard::Kind::spin;
  case KnownLock::Kind::critical_section:
    return Guard::Kind::critical_section;
  case KnownLock::Kind::gil:
    return Guard::Kind::gil;
  }
  return Guard::Kind::other;
}

unsigned position(int argument) { return argument < 0 ? LockEffect::no_argument : static_cast<unsigned>(argument); }

// Inline namespaces of the standard library are not part of its names.
std::string method_name(const clang::CXXMethodDecl &method) {
  const clang::CXXRecordDecl *record = method.getParent();
  if (record->isInStdNamespace())
    return ("std::" + record->getName() + "::" + method.getName()).str();
  return method.getQualifiedNameAsString();
}

} // namespace

std::optional<LockEffect> lock_effect(const clang::FunctionDecl &function, const Knowledge &knowledge) {
  if (!function.getIdentifier())
    return std::nullopt;
  const auto *method = llvm::dyn_cast<clang::CXXMethodDecl>(&function);
  const KnownLock *known = knowledge.lock(method ? method_name(*method) : std::string_view(function.getName()));
  if (!known || known->does == KnownLock::Does::hold)
    return std::nullopt;
  LockEffect effect{.family = known->family,
                    .lock = position(known->argument),
                    .callback = position(known->callback),
                    .detaches = known->detaches};
  switch (known->does) {
  case KnownLock::Does::release:
    effect.kind = LockEffect::Kind::release;
    break;
  case KnownLock::Does::once:
    effect.kind = LockEffect::Kind::once;
    effect.guard = Guard::Kind::once;
    effect.family = "once";
    break;
  default:
    effect.kind = LockEffect::Kind::acquire;
    effect.guard = guard_kind(known->kind);
  }
  return effect;
}

std::optional<LockEffect> scoped_lock(std::string_view name, const Knowledge &knowledge) {
  const KnownLock *known = knowledge.lock(name);
  if (!known || known->does != KnownLock::Does::hold)
    return std::nullopt;
  return LockEffect{.guard = guard_kind(known->kind), .family = known->family};
}

} // namespace ringfence
