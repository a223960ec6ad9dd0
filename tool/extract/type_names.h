// Types that are recognised by their name: public API whose structure is hidden or says nothing.
#pragma once

#include <llvm/ADT/StringRef.h>

namespace ringfence {

enum class NamedType {
  unknown,
  object,      // a struct that begins with PyObject's head, where it is incomplete
  interpreter, // PyInterpreterState and what stands for one
  lock,
  atomic_flag, // a lock and an atomic at once
  handle,      // of the C library or of a linked library
  owner,       // C++ class that holds a reference to a Python object and releases it when it is destroyed
  borrower,    // C++ class that holds a Python object and does not release it
  wrapper,     // C++ template that holds values of its arguments' types
  pointer,     // C++ template that points to a value of its first argument's type
  callable,    // C++ template over a function type
  crossing,    // made to go from one interpreter to another: what it refers to is released where it came from
};

// `name`: of a typedef or of a record's tag, qualified in C++, without template arguments.
NamedType named_type(llvm::StringRef name);

// Tables and definitions of the Python API: the records whose integers and strings facts record.
bool is_python_api_record(llvm::StringRef name);

} // namespace ringfence
