#include <algorithm>

#include "base/text.h"
#include "fix/const_fix.h"

namespace ringfence {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t context = 3; // lines around a change, as diff -u has them

// Half-open range of line numbers, from 0.
struct Range {
  std::size_t begin, end;
};

// The changed lines with their context, joined where these touch.
std::vector<Range> hunks_of(const Lines &before, const Lines &after) {
  std::vector<Range> hunks;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i])
      continue;
    const Range hunk{i < context ? 0 : i - context, std::min(i + context + 1, before.size())};
    if (!hunks.empty() && hunk.begin <= hunks.back().end)
      hunks.back().end = hunk.end;
    else
      hunks.push_back(hunk);
  }
  return hunks;
}

std::string hunk_text(const Lines &before, const Lines &after, const Range &hunk) {
  const std::string range = std::to_string(hunk.begin + 1) + "," + std::to_string(hunk.end - hunk.begin);
  std::string text = "@@ -" + range + " +" + range + " @@\n";
  const auto add = [&](char mark, std::string_view line) { text.append(1, mark).append(line).append("\n"); };
  for (std::size_t i = hunk.begin; i < hunk.end;) {
    if (before[i] == after[i]) {
      add(' ', before[i++]);
      continue;
    }
    std::size_t end = i;
    while (end < hunk.end && before[end] != after[end])
      ++end;
    std::for_each(before.begin() + i, before.begin() + end, [&](std::string_view line) { add('-', line); });
    std::for_each(after.begin() + i, after.begin() + end, [&](std::string_view line) { add('+', line); });
    i = end;
  }
  return text;
}

Lines lines_of(const std::string &text) {
  Lines lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty())
    lines.pop_back();
  return lines;
}

} // namespace

std::string unified_diff(const std::string &file, const std::string &before, const std::string &after) {
  const Lines old_lines = lines_of(before), new_lines = lines_of(after);
  std::string text;
  for (const Range &hunk : hunks_of(old_lines, new_lines))
    text += hunk_text(old_lines, new_lines, hunk);
  return text.empty() ? text : "--- a/" + file + "\n+++ b/" + file + "\n" + text;
}

} // namespace ringfence
