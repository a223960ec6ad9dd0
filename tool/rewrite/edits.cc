#include "rewrite/edits.h"

#include <algorithm>
#include <memory>

#include <git2.h>

namespace ringfence {

std::string apply_edits(const std::string &text, std::vector<Edit> edits) {
  std::ranges::stable_sort(edits, {}, [](const Edit &edit) { return std::pair(edit.begin, edit.end); });
  const auto twice = std::ranges::unique(edits);
  edits.erase(twice.begin(), twice.end());
  std::string result;
  std::size_t copied = 0;
  for (const Edit &edit : edits) {
    if (edit.begin < copied || edit.end > text.size())
      continue;
    result.append(text, copied, edit.begin - copied).append(edit.text);
    copied = edit.end;
  }
  return result.append(text, copied);
}

std::string unified_diff(const std::string &file, const std::string &before, const std::string &after) {
  if (before == after)
    return {};
  git_libgit2_init();
  git_patch *patch = nullptr;
  git_buf buffer{};
  std::string text;
  if (git_patch_from_buffers(&patch, before.data(), before.size(), before.empty() ? nullptr : file.c_str(),
                             after.data(), after.size(), after.empty() ? nullptr : file.c_str(), nullptr) == 0 &&
      git_patch_to_buf(&buffer, patch) == 0)
    text.assign(buffer.ptr, buffer.size);
  text.erase(0, text.find("--- ")); // git's own header: `patch` needs none
  git_buf_dispose(&buffer);
  git_patch_free(patch);
  git_libgit2_shutdown();
  return text;
}

} // namespace ringfence
