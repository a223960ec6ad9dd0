// The log between shims and `ringfence capture`: one JSON line for each compiler command, in the order in which they
// came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace ringfence {

// A compiler command as it was run.
struct RecordedCommand {
  std::string directory;              // absolute
  std::vector<std::string> arguments; // launcher or compiler first, by absolute path; response files expanded

  bool operator==(const RecordedCommand &) const = default;
};

std::string encode_line(const RecordedCommand &command); // with the line's end

// Lines that are damaged are left out and counted.
std::vector<RecordedCommand> decode_log(std::string_view log, std::size_t &damaged);

// The compile database: an entry for each source file that a command compiles and that still exists, without
// duplicates, sorted by file. `entries` receives their number.
std::string encode_database(const std::vector<RecordedCommand> &commands, const FileSystem &files,
                            std::size_t &entries);

} // namespace ringfence
