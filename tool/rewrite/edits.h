// Edits of one text.
#pragma once

#include <string>
#include <vector>

namespace ringfence {

struct Edit {
  unsigned begin = 0, end = 0; // bytes of the text before; equal: an insertion
  std::string text;

  auto operator<=>(const Edit &) const = default;
};

// Equal edits count once; of edits that overlap the first by place is taken. Those at one place stand in their order.
std::string apply_edits(const std::string &text, std::vector<Edit> edits);

// The lines that differ, as edits of the text before.
std::vector<Edit> edits_between(const std::string &before, const std::string &after);

// As `diff -u` prints it; empty where the texts are equal. `before` or `after` empty: the file is new, or removed.
std::string unified_diff(const std::string &file, const std::string &before, const std::string &after);

} // namespace ringfence
