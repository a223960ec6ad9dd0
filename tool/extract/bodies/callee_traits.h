// Functions that mean more than a call, by name: atomic operations and functions that give back their argument. Locks
// stand in lock_functions.h.
#pragma once

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <llvm/ADT/DenseMap.h>

#include "knowledge/knowledge.h"

namespace ringfence {

using AtomicOperation = KnownAtomic::Does;

struct CalleeTraits {
  AtomicOperation atomic = AtomicOperation::fence; // on what its first argument points to
  unsigned stored_argument = 0;   // for store and modify: which argument is the new value; 0 where none
  bool passes_first = false;      // its result is its first argument
  bool takes_address = false;     // its result is its first argument's address
  bool ignores_arguments = false; // arguments are not evaluated
  bool copies_second = false;     // to where its first argument points, from where the second does
};

// Looks names up once per function.
class CalleeTable {
public:
  explicit CalleeTable(const Knowledge &knowledge) : knowledge_(knowledge) {}
  CalleeTraits operator[](const clang::FunctionDecl *function); // null: no traits
  const Knowledge &knowledge() const { return knowledge_; }

private:
  const Knowledge &knowledge_;
  llvm::DenseMap<const clang::FunctionDecl *, CalleeTraits> known_;
};

// std::atomic and its kin.
bool is_atomic_class(const clang::CXXRecordDecl &record, const Knowledge &knowledge);
// What a method of such a class does.
AtomicOperation atomic_method(const clang::CXXMethodDecl &method, const Knowledge &knowledge);

} // namespace ringfence
