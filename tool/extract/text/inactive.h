// Declarations of objects, and claims of modules, in text that the preprocessor skipped: recognised by their tokens
// alone, since that text may need headers of another system. It sees what stands there, not what macros would make of
// it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <clang/Basic/LangOptions.h>
#include <llvm/ADT/StringRef.h>
#include <llvm/ADT/StringSet.h>

namespace ringfence {

// Where skipped text stands.
enum class Surroundings {
  file_scope, // objects need no keyword
  function,   // in a function or class: only what says `static` or `thread_local` is an object
};

struct FoundName {
  std::string name;
  std::size_t offset; // from the start of the text
};

std::vector<FoundName> find_declarations(llvm::StringRef text, Surroundings surroundings,
                                         const clang::LangOptions &language);

// Where the text claims something about the GIL or about interpreters, as the slot that does: "Py_mod_gil" (for a call
// of PyUnstable_Module_SetGIL, too), "Py_mod_multiple_interpreters".
std::vector<FoundName> find_claims(llvm::StringRef text, const clang::LangOptions &language);

// Where the text defines one of these macros.
std::vector<FoundName> find_definitions(llvm::StringRef text, const llvm::StringSet<> &macros);

// The conditions of all `#if` branches around an offset, joined by " && ": "!defined(NDEBUG) && X > 2". An include
// guard is none. `text`: the whole file.
std::string condition_at(llvm::StringRef text, std::size_t offset);

} // namespace ringfence
