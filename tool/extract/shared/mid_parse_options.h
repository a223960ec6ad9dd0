// Options -I and -D that a parse was not started with: it may go on as the parse of a unit that has them if all that it
// has read until then is the same with them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <clang/Frontend/CompilerInstance.h>

#include "extract/parse/file_table.h"

namespace ringfence {

// The options -D among them as text.
std::string definitions_of(const std::vector<std::string> &options);

class MidParseOptions {
public:
  // Watches from now on what the parse looks up. All must outlive its preprocessor.
  MidParseOptions(clang::CompilerInstance &compiler, FileTable &files);

  // Gives the parse the folders of `options`, which separate the unit of `own` from the one that it began with; false
  // where these or the macros could have changed what was read. Then the parse can be no unit's.
  bool add(const std::vector<std::string> &options, const clang::CompilerInvocation &own);

  // Whether the preprocessor has looked at that name. Those in branches that it skips do not count.
  bool has_met(const std::string &name) const;

private:
  bool use_folders(const clang::HeaderSearchOptions &options);
  bool holds_a_name(const clang::DirectoryLookup &folder) const;

  clang::CompilerInstance &compiler_;
  FileTable &files_;
  const std::set<std::string> &names_; // between quotes or brackets, that were looked up
  std::vector<std::string> rest_;      // of what the parse was started with
};

} // namespace ringfence
