// Which file a place lies in, by the names that facts use: root-relative, "<build>/..." or "<include>/...".
#pragma once

#include <map>
#include <string>
#include <vector>

#include <clang/Basic/SourceManager.h>
#include <clang/Lex/HeaderSearch.h>
#include <llvm/ADT/DenseMap.h>

#include "extract/extract.h"

namespace ringfence {

class FileTable {
public:
  // `files` grows as files are asked for. The main file must exist in `sources`; it becomes the first.
  FileTable(const clang::SourceManager &sources, const clang::HeaderSearch &headers, const ProjectPaths &paths,
            const std::string &directory, std::vector<FileFact> &files);

  // `none` for built-in and command-line buffers.
  Index file(clang::FileID id);
  // Of the reader's view: where the outermost macro is expanded. Line directives are not followed.
  Location location(clang::SourceLocation location);
  bool in_project(clang::SourceLocation location);
  bool in_main_file(clang::SourceLocation location) const;
  const FileFact &operator[](Index file) const { return files_[file]; }

private:
  FileFact name(const clang::FileEntryRef &entry) const;
  std::string absolute(llvm::StringRef path) const;

  const clang::SourceManager &sources_;
  const ProjectPaths &paths_;
  const std::string &directory_;
  std::vector<FileFact> &files_;
  std::vector<std::string> include_directories_; // absolute, with a slash at the end
  llvm::DenseMap<clang::FileID, Index> by_id_;
  std::map<std::string, Index> by_path_;
};

} // namespace ringfence
