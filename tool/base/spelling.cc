#include "base/spelling.h"

#include <algorithm>
#include <numeric>

namespace ringfence {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string nearest_spelling(std::string_view name, const std::vector<std::string> &candidates) {
  const auto nearest = std::min_element(candidates.begin(), candidates.end(), [&](const auto &a, const auto &b) {
    return edit_distance(name, a) < edit_distance(name, b);
  });
  return nearest == candidates.end() ? std::string() : *nearest;
}

std::string near_spelling(std::string_view name, const std::vector<std::string> &candidates) {
  const std::string nearest = nearest_spelling(name, candidates);
  const std::size_t bound =
      std::min(std::max<std::size_t>(2, name.size() / 3), name.size() - std::min<std::size_t>(2, name.size()));
  return edit_distance(name, nearest) <= bound ? nearest : std::string();
}

std::vector<std::string> longer_names(std::string_view name, const std::vector<std::string> &candidates) {
  constexpr std::size_t least = 3;
  constexpr std::string_view between = "_.:/";
  const std::size_t path_end = name.rfind(':') + 1; // 0 where there is no path
  const std::string_view path = name.substr(0, path_end);
  name.remove_prefix(path_end);
  std::vector<std::string> found;
  for (const std::string &candidate : candidates) {
    std::string_view rest = candidate;
    const std::size_t end = rest.rfind(':') + 1;
    if (name.size() < least || !rest.substr(0, end).ends_with(path))
      continue;
    if (!path.empty())
      rest.remove_prefix(end);
    if (rest.size() <= name.size())
      continue;
    const std::size_t more = rest.size() - name.size();
    if ((rest.ends_with(name) && between.find(rest[more - 1]) != std::string_view::npos) ||
        (rest.starts_with(name) && between.find(rest[name.size()]) != std::string_view::npos))
      found.push_back(candidate);
  }
  return found;
}

} // namespace ringfence
