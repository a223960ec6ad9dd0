// What every parse of a unit takes.
#pragma once

#include <memory>
#include <string>

#include <clang/Frontend/CompilerInvocation.h>
#include <clang/Frontend/FrontendAction.h>
#include <llvm/Support/VirtualFileSystem.h>
#include <llvm/Support/thread.h>

#include "extract/parse/diagnostics.h"
#include "facts/facts.h"
#include "source/compile_unit.h"

namespace ringfence {

// Facts of a unit of which nothing was read yet.
TuFacts empty_facts(const CompileUnit &unit);

// Those of a unit of which nothing is known but that it could not be read.
TuFacts failed_facts(const CompileUnit &unit, const std::string &reason);

// Runs Clang. Frees nothing where the invocation says so (DisableFree): the process ends soon. `count_lost_qualifiers`:
// a warning about a lost `const` is an error.
void run_front_end(std::shared_ptr<clang::CompilerInvocation> invocation,
                   llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, DiagnosticCollector &diagnostics,
                   clang::FrontendAction &action, bool count_lost_qualifiers = false);

// Runs the work on a thread whose stack lets a unit nest deeply; returns when it is done.
template <class Work> void on_large_stack(Work work) {
  constexpr unsigned stack_bytes = 256u << 20; // address space, touched only as far as a unit nests
  llvm::thread thread(std::optional<unsigned>(stack_bytes), work);
  thread.join();
}

} // namespace ringfence
