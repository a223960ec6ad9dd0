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

// The conditions around places of a file, read in one pass where these come in order.
class BranchConditions {
public:
  explicit BranchConditions(llvm::StringRef text) : text_(text) {} // the whole file

  // Those of all `#if` branches around an offset, joined by " && ": "!defined(NDEBUG) && X > 2". An include guard is none.
  std::string at(std::size_t offset);

private:
  struct Branch {
    std::string own;     // the condition of this branch
    std::string earlier; // "!(a) && !(b)" of the branches before it; empty for the first
    bool guard = false;
  };
  void follow(llvm::StringRef directive);
  void read_to(std::size_t offset);

  llvm::StringRef text_;
  std::size_t position_ = 0;
  bool line_start_ = true;
  std::vector<Branch> branches_;
};

} // namespace ringfence
