// A file system in which each Python.h that is not the project's own says more at its end.
#pragma once

#include <string>

#include <llvm/Support/VirtualFileSystem.h>

#include "extract/parse/project_paths.h"

namespace ringfence {

// The same files as `files`, with its working directory. `names`: what is declared for this unit alone
// (python_names.h); every unit gets what a unit of another version asks for.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> with_python_names(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                                  const ProjectPaths &paths, std::string names = {});

} // namespace ringfence
