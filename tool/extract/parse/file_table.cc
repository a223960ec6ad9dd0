#include "extract/parse/file_table.h"

#include <algorithm>

#include <llvm/Support/FileSystem.h>
#include <llvm/Support/Path.h>

#include "knowledge/knowledge.h"

namespace ringfence {

namespace {

// The rest of `path` below `folder`; null where it lies elsewhere.
const char *below(const std::string &path, const std::string &folder) {
  if (folder.empty() || path.size() <= folder.size() + 1 || path.compare(0, folder.size(), folder) != 0)
    return nullptr;
  return folder == "/" ? path.c_str() + 1 : path[folder.size()] == '/' ? path.c_str() + folder.size() + 1 : nullptr;
}

} // namespace

FileTable::FileTable(const clang::SourceManager &sources, const clang::HeaderSearch &headers, const ProjectPaths &paths,
                     const std::string &directory, std::vector<FileFact> &files, SharedParseState *shared)
    : sources_(sources), headers_(headers), paths_(paths), directory_(directory), files_(files), shared_(shared) {
  read_include_directories();
  if (shared_) {
    files_.emplace_back(); // for the unit's own
    return;
  }
  main_file_ = sources.getMainFileID();
  files_[file(main_file_)].project = true;
}

void FileTable::read_include_directories() {
  include_directories_.clear();
  for (const clang::DirectoryLookup &lookup : headers_.search_dir_range())
    if (lookup.isNormalDir())
      include_directories_.push_back(absolute(lookup.getName()));
}

bool FileTable::keeps_names() {
  read_include_directories();
  return std::all_of(by_id_.begin(), by_id_.end(), [&](const auto &known) {
    return known.second == none || name(*sources_.getFileEntryRefForID(known.first)).path == files_[known.second].path;
  });
}

// The text that the parser sees has blanks for the directives that were parsed before.
void FileTable::enter_shared(clang::FileID id, FileFact fact) {
  if (shared_->reached_own_text || by_path_.contains(fact.path))
    shared_->same_as_plain = false;
  shared_->reached_own_text = true;
  main_file_ = id;
  by_path_[fact.path] = 0;
  fact.project = true;
  if (paths_.knowledge)
    fact.generator = paths_.knowledge->generator_of_text(shared_->text);
  files_.front() = std::move(fact);
}

std::string FileTable::absolute(llvm::StringRef path) const {
  llvm::SmallString<256> result(path);
  llvm::sys::fs::make_absolute(directory_, result);
  llvm::sys::path::remove_dots(result, /*remove_dot_dot=*/true);
  return std::string(result);
}

FileFact FileTable::name(const clang::FileEntryRef &entry) const {
  const std::string path = absolute(entry.getName());
  std::string in_project = path;
  for (bool resolved : {false, true}) {
    if (resolved) {
      llvm::SmallString<256> real;
      if (llvm::sys::fs::real_path(path, real) || real.str() == path)
        break;
      in_project = std::string(real);
    }
    if (const char *rest = below(in_project, paths_.root))
      return {rest, true, ""};
    if (const char *rest = below(in_project, paths_.build))
      return {std::string("<build>/") + rest, true, ""};
  }
  std::size_t longest = 0;
  for (const std::string &folder : include_directories_)
    if (folder.size() > longest && below(path, folder))
      longest = folder.size();
  return {"<include>/" + path.substr(longest ? longest + 1 : path.rfind('/') + 1), false, ""};
}

Index FileTable::file(clang::FileID id) {
  auto [slot, fresh] = by_id_.try_emplace(id, none);
  if (!fresh)
    return slot->second;
  clang::OptionalFileEntryRef entry = sources_.getFileEntryRefForID(id);
  if (!entry)
    return none;
  if (shared_ && llvm::sys::path::filename(entry->getName()).starts_with(shared_->synthetic_prefix))
    return none;
  FileFact fact = name(*entry);
  if (shared_ && entry->getName() == shared_->file) {
    enter_shared(id, std::move(fact));
    return slot->second = 0;
  }
  auto [known, unseen] = by_path_.try_emplace(fact.path, static_cast<Index>(files_.size()));
  if (unseen) {
    if (std::optional<llvm::StringRef> content = sources_.getBufferDataOrNone(id); content && paths_.knowledge)
      fact.generator = paths_.knowledge->generator_of_text(*content);
    files_.push_back(std::move(fact));
  }
  return slot->second = known->second;
}

Index FileTable::file(clang::SourceLocation location) {
  return location.isValid() ? file(place(location).first) : none;
}

// SourceManager::getDecomposedExpansionLoc(), without a search where the place lies in the same file as the last.
std::pair<clang::FileID, unsigned> FileTable::place(clang::SourceLocation location) {
  unsigned offset = 0;
  if (location.isFileID() && last_.isValid() && sources_.isInFileID(location, last_, &offset))
    return {last_, offset};
  const std::pair<clang::FileID, unsigned> found = sources_.getDecomposedExpansionLoc(location);
  last_ = found.first;
  return found;
}

Location FileTable::location(clang::SourceLocation location) {
  if (location.isInvalid())
    return {};
  auto [id, offset] = place(location);
  Index index = file(id);
  if (index == none)
    return {};
  return {index, sources_.getLineNumber(id, offset), sources_.getColumnNumber(id, offset)};
}

bool FileTable::in_project(clang::SourceLocation location) {
  const Index index = file(location);
  return index != none && files_[index].project;
}

bool FileTable::in_main_file(clang::SourceLocation location) const {
  return location.isValid() && main_file_.isValid() &&
         sources_.isInFileID(sources_.getExpansionLoc(location), main_file_);
}

} // namespace ringfence
