// Functions that mean more than a call: atomic operations and functions that give back their argument. The tables stand
// in call_names.cc; locks stand in guard_names.cc.
#pragma once

#include <string_view>

#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <llvm/ADT/DenseMap.h>

namespace ringfence {

enum class AtomicOperation { plain, load, store, modify };

struct CalleeTraits {
  AtomicOperation atomic = AtomicOperation::plain; // on what its first argument points to
  unsigned stored_argument = 0;   // for store and modify: which argument is the new value; 0 where none
  bool passes_first = false;      // its result is its first argument
  bool takes_address = false;     // its result is its first argument's address
  bool ignores_arguments = false; // arguments are not evaluated
};

// Looks names up once per function.
class CalleeTable {
public:
  CalleeTraits operator[](const clang::FunctionDecl *function); // null: no traits

private:
  llvm::DenseMap<const clang::FunctionDecl *, CalleeTraits> known_;
};

// std::atomic and its kin.
bool is_atomic_class(const clang::CXXRecordDecl &record);
// What a method of such a class does.
AtomicOperation atomic_method(const clang::CXXMethodDecl &method);

} // namespace ringfence
