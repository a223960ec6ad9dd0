#include "extract/bodies/callee_traits.h"

namespace ringfence {

namespace {

CalleeTraits traits_of(const clang::FunctionDecl &function, const Knowledge &knowledge) {
  CalleeTraits traits;
  if (!function.getIdentifier())
    return traits;
  const llvm::StringRef name = function.getName();
  if (const ApiEntry *known = knowledge.function(name)) {
    traits.passes_first = known->has("returns-argument");
    traits.takes_address = known->has("returns-address");
    traits.ignores_arguments = known->has("ignores-arguments");
    traits.copies_second = known->has("copies-memory");
  }
  // Not std::move(first, last, result).
  if (function.isInStdNamespace() && function.getNumParams() == 1)
    traits.passes_first |= knowledge.has(("std::" + name).str(), "returns-argument");
  if (const KnownAtomic *atomic = knowledge.atomic(name)) {
    traits.atomic = atomic->does;
    traits.stored_argument = atomic->value;
  }
  return traits;
}

} // namespace

CalleeTraits CalleeTable::operator[](const clang::FunctionDecl *function) {
  if (!function)
    return {};
  auto [known, fresh] = known_.try_emplace(function);
  if (fresh)
    known->second = traits_of(*function, knowledge_);
  return known->second;
}

bool is_atomic_class(const clang::CXXRecordDecl &record, const Knowledge &knowledge) {
  if (!record.getIdentifier() || !record.isInStdNamespace())
    return false;
  const KnownType *known = knowledge.type(("std::" + record.getName()).str());
  return known && (known->is == KnownType::Is::atomic || known->is == KnownType::Is::lock_flag);
}

AtomicOperation atomic_method(const clang::CXXMethodDecl &method, const Knowledge &knowledge) {
  if (llvm::isa<clang::CXXConversionDecl>(method))
    return AtomicOperation::load;
  if (method.getOverloadedOperator() == clang::OO_Equal)
    return AtomicOperation::store;
  if (!method.getIdentifier())
    return AtomicOperation::modify;
  const KnownAtomic *known = knowledge.atomic(("std::atomic::" + method.getName()).str());
  return known ? known->does : AtomicOperation::modify;
}

} // namespace ringfence
