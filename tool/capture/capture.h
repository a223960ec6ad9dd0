// `ringfence capture -- BUILD COMMAND`: records the compile commands of any build.
//
// A temporary folder is put first in PATH. In it every compiler and every compiler launcher of PATH has a symlink of
// its name that leads to ringfence; invoked so, ringfence is the shim: it appends one line to a log and becomes the
// real program. When the build has ended, the log becomes a compile database.
//
// Limits: a compiler that the build calls by an absolute path is not seen, unless CC or CXX names it.
#pragma once

#include <string>
#include <vector>

namespace ringfence {

struct CaptureOptions {
  std::vector<std::string> command; // the build, run without a shell
  std::string output = "compile_commands.json";
};

// Runs the build, writes the database, says on standard error what was recorded. Returns the build's exit code (128 and
// the signal's number where a signal ended it); 2 where the build could not be started or succeeded and left no
// database.
int capture(const CaptureOptions &options);

} // namespace ringfence
