// Compile databases: the JSON Compilation Database format of Clang's documentation.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"

namespace ringfence {

// One entry. Nothing in it is trusted: arguments go through source/normalise.h.
struct CompileCommand {
  std::string directory;              // absolute
  std::string file;                   // absolute
  std::vector<std::string> arguments; // the compiler first; response files expanded

  auto operator<=>(const CompileCommand &) const = default;
};

// Reads the database `path`. Bytes that are not UTF-8 stay as they are. An error says the place in the file.
Result<std::vector<CompileCommand>> read_database(const std::string &path, const FileSystem &files,
                                                  std::vector<std::string> &notes);

// Databases to try for a scan of `folder`, best first: its own, then those of its build folders, then the same for each
// folder above, up to one that belongs to another user than `folder` does, and of no file of another user: it may be
// anyone's who can write there. Only files that exist.
std::vector<std::string> find_databases(const std::string &folder, const FileSystem &files,
                                        std::vector<std::string> &notes);

// The file that `-p` or `--compile-commands` names: a database, or a folder that holds one.
Result<std::string> named_database(const std::string &path, const FileSystem &files);

} // namespace ringfence
