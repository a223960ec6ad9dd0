// The machine's files as Clang may see them: pipes and devices cannot be opened, since one waits for a writer and the
// other may never end, and a scanned tree can name either.
#pragma once

#include <llvm/Support/VirtualFileSystem.h>

namespace ringfence {

// With a working directory of its own.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> regular_files();

} // namespace ringfence
