// Units that are read as for Windows: with MinGW's headers, its pyconfig.h, and file names in any case.
#pragma once

#include <string>
#include <vector>

#include <llvm/Support/VirtualFileSystem.h>

#include "source/compile_unit.h"

namespace ringfence {

bool is_for_windows(const CompileUnit &unit);

// What Python's pyconfig.h of Windows says, and macros of Microsoft's headers that MinGW's lack: rules/tables/
// python-names.json.
std::vector<std::string> windows_arguments();

// The same files, but every pyconfig.h has the text of CPython's PC/pyconfig.h where the unit belongs to its tree, else
// none, and a file that is not there is looked for in lower case, as MinGW's are named.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> windows_files(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                              const CompileUnit &unit);

} // namespace ringfence
