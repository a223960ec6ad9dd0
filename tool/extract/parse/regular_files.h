// The machine's files as Clang may see them. A scanned tree can name any, and what it names must neither stall a scan
// nor come to light in its report, so that these cannot be opened:
// - pipes, which wait for a writer, devices, which may never end, and files of more than `largest_source` bytes;
// - files outside the tree that are no code by their names and by their folder, as a key that the tree links to.
#pragma once

#include <cstdint>

#include <llvm/Support/VirtualFileSystem.h>

#include "extract/parse/project_paths.h"

namespace ringfence {

inline constexpr std::uint64_t largest_source = 256u << 20;

// With a working directory of its own. `paths` need not outlive it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> regular_files(const ProjectPaths &paths);

} // namespace ringfence
