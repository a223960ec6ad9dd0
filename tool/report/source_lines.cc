#include "report/source_lines.h"

#include "base/text.h"

namespace ringfence {

DiskPlace disk_place(const std::string &file, const TreeFolders &folders) {
  constexpr std::string_view in_build = "<build>/";
  return file.starts_with(in_build) ? DiskPlace{folders.build, file.substr(in_build.size())}
                                    : DiskPlace{folders.root, file};
}

std::string_view SourceLines::line(const std::string &file, unsigned line) {
  if (files_ == nullptr || line == 0 || !load(file) || line > lines_.size())
    return {};
  std::string_view text = lines_[line - 1];
  if (text.ends_with('\r'))
    text.remove_suffix(1);
  return text;
}

bool SourceLines::load(const std::string &file) {
  if (file == loaded_)
    return !lines_.empty();
  loaded_ = file;
  lines_.clear();
  const auto &[folder, below] = disk_place(file, folders_);
  if (folder.empty() || below.empty() || below[0] == '<' || below[0] == '/' ||
      ("/" + below + "/").find("/../") != std::string::npos)
    return false;
  // A link of the tree may lead out of it.
  const Result<std::string> path = files_->real_path(folder + "/" + below);
  if (!path || !path->starts_with(folder + "/"))
    return false;
  auto content = files_->read(*path);
  if (!content)
    return false;
  content_ = std::move(*content);
  lines_ = split(content_, '\n');
  return true;
}

} // namespace ringfence
