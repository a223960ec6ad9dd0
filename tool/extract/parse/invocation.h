// A compile unit's arguments as a Clang invocation that only parses: nothing in it writes a file, loads code or prints.
#pragma once

#include <memory>
#include <string>

#include <clang/Frontend/CompilerInvocation.h>
#include <llvm/Support/VirtualFileSystem.h>

#include "source/compile_unit.h"

namespace ringfence {

// Null where the driver finds no C or C++ job in the arguments; the reason has then gone to `diagnostics`.
std::unique_ptr<clang::CompilerInvocation> make_invocation(const CompileUnit &unit,
                                                           llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                           clang::DiagnosticConsumer &diagnostics);

// The folder whose include/ holds Clang's own headers; empty where none was found.
const std::string &resource_directory();

} // namespace ringfence
