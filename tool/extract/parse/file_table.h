// Which file a place lies in, by the names that facts use: root-relative, "<build>/..." or "<include>/...".
#pragma once

#include <map>
#include <string>
#include <vector>

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/HeaderSearch.h>
#include <llvm/ADT/DenseMap.h>

#include "extract/parse/project_paths.h"
#include "extract/parse/shared_parse_state.h"
#include "facts/facts.h"

namespace ringfence {

class FileTable {
public:
  // `files` grows as files are asked for; the unit's own becomes the first. `shared`: null where that is the main file
  // of `sources`, which must exist.
  FileTable(const clang::SourceManager &sources, const clang::HeaderSearch &headers, const ProjectPaths &paths,
            const std::string &directory, std::vector<FileFact> &files, SharedParseState *shared);

  // `none` for built-in and command-line buffers and for synthetic files.
  Index file(clang::FileID id);
  Index file(clang::SourceLocation location); // the file of location()
  // Of the reader's view: where the outermost macro is expanded. Line directives are not followed.
  Location location(clang::SourceLocation location);
  bool in_project(clang::SourceLocation location);
  // The unit's own.
  bool in_main_file(clang::SourceLocation location) const;
  // Reads again which folders the headers are looked for in; whether the files met so far are named as before.
  bool keeps_names();
  const FileFact &operator[](Index file) const { return files_[file]; }

private:
  void read_include_directories();
  void enter_shared(clang::FileID id, FileFact fact);
  FileFact name(const clang::FileEntryRef &entry) const;
  std::string absolute(llvm::StringRef path) const;
  std::pair<clang::FileID, unsigned> place(clang::SourceLocation location);

  const clang::SourceManager &sources_;
  const clang::HeaderSearch &headers_;
  const ProjectPaths &paths_;
  const std::string &directory_;
  std::vector<FileFact> &files_;
  SharedParseState *shared_;
  clang::FileID main_file_;                      // invalid until a shared parse comes to the unit's text
  std::vector<std::string> include_directories_; // absolute, with a slash at the end
  clang::FileID last_;                           // that place() found
  llvm::DenseMap<clang::FileID, Index> by_id_;
  std::map<std::string, Index> by_path_;
};

} // namespace ringfence
