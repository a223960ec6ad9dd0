// Options -I and -D that a parse was not started with: it may go on as the parse of a unit that has them if all that it
// has read until then is the same with them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <clang/Frontend/CompilerInstance.h>

#include "extract/file_table.h"
#include "source/compile_unit.h"

namespace ringfence {

// The options -I and -D of `unit` that `base` has not, in order; nullopt where units differ in more than these, or
// where `base` has others. What a unit repeats counts once.
std::optional<std::vector<std::string>> options_beyond(const CompileUnit &base, const CompileUnit &unit);

// The options -D among them as text.
std::string definitions_of(const std::vector<std::string> &options);

class LateOptions {
public:
  // Watches from now on what the parse looks up. All must outlive its preprocessor.
  LateOptions(clang::CompilerInstance &compiler, FileTable &files);

  // Gives the parse the folders of `options`, which separate the unit of `own` from the one that it began with; false
  // where these or the macros could have changed what was read. Then the parse can be no unit's.
  bool add(const std::vector<std::string> &options, const clang::CompilerInvocation &own);

private:
  bool is_unseen(const std::string &macro) const;
  bool use_folders(const clang::HeaderSearchOptions &options);
  bool holds_a_name(const clang::DirectoryLookup &folder) const;

  clang::CompilerInstance &compiler_;
  FileTable &files_;
  const std::set<std::string> &names_; // between quotes or brackets, that were looked up
  std::vector<std::string> rest_;      // of what the parse was started with
};

} // namespace ringfence
