#include "extract/call_names.h"

#include <algorithm>
#include <iterator>

namespace ringfence {

namespace {

struct AtomicName {
  std::string_view prefix; // of the function's name; the first row that matches counts
  AtomicOperation operation;
  unsigned stored_argument;
};

// CPython's Include/cpython/pyatomic.h; GCC's manual, "Legacy __sync Built-in Functions" and "Built-in Functions for
// Memory Model Aware Atomic Operations". Those that Clang parses as AtomicExpr need no row.
constexpr AtomicName atomic_names[] = {
    {"_Py_atomic_load", AtomicOperation::load, 0},
    {"_Py_atomic_store", AtomicOperation::store, 1},
    {"_Py_atomic_exchange", AtomicOperation::modify, 1},
    {"_Py_atomic_compare_exchange", AtomicOperation::modify, 2},
    {"_Py_atomic_add", AtomicOperation::modify, 1},
    {"_Py_atomic_and", AtomicOperation::modify, 1},
    {"_Py_atomic_or", AtomicOperation::modify, 1},
    {"__atomic_test_and_set", AtomicOperation::modify, 0},
    {"__atomic_clear", AtomicOperation::store, 0},
    {"__sync_synchronize", AtomicOperation::plain, 0},
    {"__sync_lock_release", AtomicOperation::store, 0},
    {"__sync_lock_test_and_set", AtomicOperation::modify, 1},
    {"__sync_bool_compare_and_swap", AtomicOperation::modify, 2},
    {"__sync_val_compare_and_swap", AtomicOperation::modify, 2},
    {"__sync_", AtomicOperation::modify, 1},
};

// CPython's Include/object.h and the compiler's built-in functions.
constexpr std::string_view pass_first[] = {
    "Py_NewRef",         "Py_XNewRef",
    "_Py_NewRef",        "_Py_XNewRef",
    "__builtin_expect",  "__builtin_expect_with_probability",
    "__builtin_launder", "__builtin_assume_aligned",
};

// [forward], [utility.as.const], [ptr.launder], [specialized.addressof]
constexpr std::string_view std_pass_first[] = {"move", "forward", "move_if_noexcept", "as_const", "launder"};
constexpr std::string_view address_takers[] = {"addressof", "__addressof", "__builtin_addressof"};
constexpr std::string_view not_evaluated[] = {"__builtin_constant_p", "__builtin_object_size",
                                              "__builtin_dynamic_object_size", "__builtin_classify_type"};

template <std::size_t N> bool contains(const std::string_view (&names)[N], llvm::StringRef name) {
  return std::find(std::begin(names), std::end(names), std::string_view(name)) != std::end(names);
}

CalleeTraits traits_of(const clang::FunctionDecl &function) {
  CalleeTraits traits;
  if (!function.getIdentifier())
    return traits;
  llvm::StringRef name = function.getName();
  traits.passes_first = contains(pass_first, name) ||
                        (function.isInStdNamespace() && function.getNumParams() == 1 && contains(std_pass_first, name));
  traits.takes_address = contains(address_takers, name);
  traits.ignores_arguments = contains(not_evaluated, name);
  for (const AtomicName &row : atomic_names)
    if (name.starts_with(row.prefix)) {
      traits.atomic = row.operation;
      traits.stored_argument = row.stored_argument;
      break;
    }
  return traits;
}

} // namespace

CalleeTraits CalleeTable::operator[](const clang::FunctionDecl *function) {
  if (!function)
    return {};
  auto [known, fresh] = known_.try_emplace(function);
  if (fresh)
    known->second = traits_of(*function);
  return known->second;
}

bool is_atomic_class(const clang::CXXRecordDecl &record) {
  if (!record.getIdentifier() || !record.isInStdNamespace())
    return false;
  llvm::StringRef name = record.getName();
  name.consume_front("__");
  return name.starts_with("atomic");
}

AtomicOperation atomic_method(const clang::CXXMethodDecl &method) {
  if (llvm::isa<clang::CXXConversionDecl>(method))
    return AtomicOperation::load;
  if (method.getOverloadedOperator() == clang::OO_Equal)
    return AtomicOperation::store;
  if (!method.getIdentifier())
    return AtomicOperation::modify;
  llvm::StringRef name = method.getName();
  if (name == "load" || name == "test" || name == "wait" || name == "is_lock_free")
    return AtomicOperation::load;
  if (name == "store" || name == "clear")
    return AtomicOperation::store;
  return name.starts_with("notify") ? AtomicOperation::plain : AtomicOperation::modify;
}

} // namespace ringfence
