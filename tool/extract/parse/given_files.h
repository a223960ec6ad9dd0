// A FileSystem of ours as Clang sees files: for trees that are not on this machine's disk.
#pragma once

#include <llvm/Support/VirtualFileSystem.h>

#include "base/file_system.h"

namespace ringfence {

// With a working directory of its own; `files` outlives it. Folders cannot be listed.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> given_files(const FileSystem &files);

} // namespace ringfence
