#include "report/formats/module_rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

constexpr std::size_t repeated = 4; // so many modules alike are one row

std::size_t unsafe_worlds(const ModuleRow &row) {
  return static_cast<std::size_t>(std::ranges::count(row.words[0].words, std::optional(PlainWord::unsafe)));
}

} // namespace

std::vector<ModuleRow> module_rows(const Report &report) {
  const PlainWords plain(report);
  std::map<std::vector<std::pair<std::string, std::vector<std::optional<PlainWord>>>>, ModuleRow> alike;
  for (const ReportedModule &module : report.modules) {
    std::vector<WorldWords> words = plain.by_world(module);
    std::vector<std::pair<std::string, std::vector<std::optional<PlainWord>>>> key;
    key.reserve(words.size());
    for (const WorldWords &each : words)
      key.emplace_back(each.world, each.words);
    ModuleRow &row = alike[std::move(key)];
    row.words = std::move(words);
    row.modules.push_back(&module);
  }
  std::vector<ModuleRow> rows;
  for (const auto &[key, row] : alike)
    if (row.modules.size() >= repeated)
      rows.push_back(row);
    else
      for (const ReportedModule *module : row.modules)
        rows.push_back({row.words, {module}});
  std::ranges::stable_sort(rows, std::greater(), unsafe_worlds);
  return rows;
}

std::string worlds_text(const Report &report) {
  std::vector<std::string> worlds;
  worlds.reserve(report.profiles.size());
  for (const Profile profile : report.profiles)
    worlds.push_back(std::string(to_string(profile)) + ", " + std::string(meaning_of(profile)));
  return join(worlds, "; ");
}

std::vector<PlainWord> words_in(const std::vector<ModuleRow> &rows) {
  std::set<PlainWord> used;
  for (const ModuleRow &row : rows)
    for (const WorldWords &each : row.words)
      for (const std::optional<PlainWord> &word : each.words)
        if (word)
          used.insert(*word);
  return {used.begin(), used.end()};
}

} // namespace ringfence
