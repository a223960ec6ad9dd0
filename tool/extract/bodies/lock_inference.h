// Locks that no table knows, by how a project's functions are declared: a function that takes a handle and is named as
// the begin of something, beside one that takes the same and is named as its end: X_lock and X_unlock, and where the
// names speak of a lock, acquire and release, enter and leave, begin and end. What is found so is called inferred.
//
// Only where no body tells more: it stands in another unit, or does it with atomic operations.
#pragma once

#include <optional>
#include <string>

#include <clang/AST/DeclCXX.h>

#include "extract/bodies/lock_functions.h"

namespace ringfence {

struct InferredLock {
  LockEffect::Kind kind = LockEffect::Kind::acquire;
  std::string family; // of an acquire and its release the same
  std::string counterpart;
  unsigned lock = 0; // as LockEffect::lock
};

std::optional<InferredLock> infer_lock(const clang::FunctionDecl &function);

// Of a class whose objects hold a lock for as long as they live, by its name alone: its destructor is defined elsewhere.
bool is_named_as_guard(const clang::CXXRecordDecl &record);

} // namespace ringfence
