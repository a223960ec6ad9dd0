// A file system that writes down what it is asked for.
#pragma once

#include <llvm/Support/VirtualFileSystem.h>

#include "facts/dependencies.h"

namespace ringfence {

// The same files as `files`, with its working directory. `seen` must outlive the file system and what it opened.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> recording(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                          Dependencies &seen);

} // namespace ringfence
