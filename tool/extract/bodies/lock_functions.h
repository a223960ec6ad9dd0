// What takes and releases a lock, by name: what the tables say of a declaration.
#pragma once

#include <optional>
#include <string_view>

#include <clang/AST/DeclCXX.h>

#include "facts/facts.h"
#include "knowledge/knowledge.h"

namespace ringfence {

struct LockEffect {
  enum class Kind { acquire, release, once };
  Kind kind = Kind::acquire;
  Guard::Kind guard = Guard::Kind::mutex;
  std::string_view family; // an acquire and a release of one family belong together; the tables own it
  unsigned lock = 0;       // position of the argument that names the lock; no_argument where there is none
  unsigned callback = 0;   // for once: position of the function that is called
  bool detaches = false;   // who waits for it has given the GIL away
  bool inferred = false;   // no table knows it: extract/bodies/lock_inference.h

  static constexpr unsigned no_argument = 0xffff;
};

std::optional<LockEffect> lock_effect(const clang::FunctionDecl &function, const Knowledge &knowledge);

// The family of the guards that tests for the main interpreter are.
inline constexpr std::string_view main_interpreter_family = "main interpreter";
inline constexpr std::string_view spin_family = "spin loop"; // written out, not a function of a library

// Of a class whose objects hold a lock for as long as they live, or of a macro that opens a critical section: on builds
// with a GIL it leaves nothing but a brace.
std::optional<LockEffect> scoped_lock(std::string_view name, const Knowledge &knowledge);

} // namespace ringfence
