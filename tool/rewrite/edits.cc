#include "rewrite/edits.h"

#include <algorithm>

#include "base/git_handles.h"

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

namespace {

// Offsets of the lines' starts, and of the end.
std::vector<unsigned> line_starts(const std::string &text) {
  std::vector<unsigned> starts = {0};
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    starts.push_back(static_cast<unsigned>(at + 1));
  if (starts.back() != text.size())
    starts.push_back(static_cast<unsigned>(text.size()));
  return starts;
}

// Lines from 1; where there are none, `start` is the line before.
std::pair<unsigned, unsigned> bytes_of(const std::vector<unsigned> &starts, int start, int count) {
  const std::size_t first = static_cast<std::size_t>(count == 0 ? start : start - 1);
  return {starts.at(first), starts.at(first + static_cast<std::size_t>(count))};
}

using Patch = git::Handle<git_patch, git_patch_free>;

} // namespace

std::vector<Edit> edits_between(const std::string &before, const std::string &after) {
  const git::Library library;
  git_diff_options options = GIT_DIFF_OPTIONS_INIT;
  options.context_lines = 0;
  Patch patch;
  std::vector<Edit> edits;
  if (git::make(patch, git_patch_from_buffers, before.data(), before.size(), nullptr, after.data(), after.size(),
                nullptr, &options) == 0) {
    const std::vector<unsigned> old_starts = line_starts(before), new_starts = line_starts(after);
    for (std::size_t i = 0; i < git_patch_num_hunks(patch.get()); ++i) {
      const git_diff_hunk *hunk = nullptr;
      if (git_patch_get_hunk(&hunk, nullptr, patch.get(), i) != 0)
        continue;
      const auto [begin, end] = bytes_of(old_starts, hunk->old_start, hunk->old_lines);
      const auto [from, to] = bytes_of(new_starts, hunk->new_start, hunk->new_lines);
      edits.push_back({begin, end, after.substr(from, to - from)});
    }
  }
  return edits;
}

std::string unified_diff(const std::string &file, const std::string &before, const std::string &after) {
  if (before == after)
    return {};
  const git::Library library;
  Patch patch;
  git_buf buffer{};
  std::string text;
  if (git::make(patch, git_patch_from_buffers, before.data(), before.size(), before.empty() ? nullptr : file.c_str(),
                after.data(), after.size(), after.empty() ? nullptr : file.c_str(), nullptr) == 0 &&
      git_patch_to_buf(&buffer, patch.get()) == 0)
    text.assign(buffer.ptr, buffer.size);
  text.erase(0, text.find("--- ")); // git's own header: `patch` needs none
  git_buf_dispose(&buffer);
  return text;
}

} // namespace ringfence
