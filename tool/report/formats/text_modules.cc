#include "report/formats/text_modules.h"

#include <algorithm>
#include <map>
#include <set>

#include "report/plain_words.h"

namespace ringfence {
namespace {

constexpr std::size_t repeated = 4, shown_names = 6; // so many modules alike are one line; names on it

struct Row {
  std::vector<WorldWords> words; // the module's own first
  std::vector<const ReportedModule *> modules;

  std::size_t unsafe() const {
    return static_cast<std::size_t>(std::ranges::count(words[0].words, std::optional(PlainWord::unsafe)));
  }
};

Risk colour_of(PlainWord word) {
  if (word == PlainWord::unsafe)
    return Risk::high;
  return word == PlainWord::incomplete || word == PlainWord::not_read ? Risk::medium : Risk::none;
}

// What is unsafe in most worlds first; where many are alike they are one row.
std::vector<Row> rows_of(const Report &report) {
  const PlainWords plain(report);
  std::map<std::vector<std::pair<std::string, std::vector<std::optional<PlainWord>>>>, Row> alike;
  for (const ReportedModule &module : report.modules) {
    std::vector<WorldWords> words = plain.by_world(module);
    std::vector<std::pair<std::string, std::vector<std::optional<PlainWord>>>> key;
    key.reserve(words.size());
    for (const WorldWords &each : words)
      key.emplace_back(each.world, each.words);
    Row &row = alike[std::move(key)];
    row.words = std::move(words);
    row.modules.push_back(&module);
  }
  std::vector<Row> rows;
  for (const auto &[key, row] : alike)
    if (row.modules.size() >= repeated)
      rows.push_back(row);
    else
      for (const ReportedModule *module : row.modules)
        rows.push_back({row.words, {module}});
  std::ranges::stable_sort(rows, std::greater(), &Row::unsafe);
  return rows;
}

std::string name_of(const Row &row) {
  return row.modules.size() == 1 ? escape_terminal(row.modules[0]->name)
                                 : std::to_string(row.modules.size()) + " modules";
}

// "claims gil=not-used; 3 objects against it"
std::string said_of(const std::map<std::string, std::string> &claimed, const Verified &verified) {
  std::vector<std::string> claims;
  claims.reserve(claimed.size());
  for (const auto &[claim, value] : claimed)
    claims.push_back(escape_terminal(claim + "=" + value));
  std::set<std::string_view> against;
  for (const auto &[profile, claim] : verified)
    against.insert(claim.refuted_by.begin(), claim.refuted_by.end());
  const auto unread =
      std::ranges::find_if(verified, [](const auto &each) { return each.second.verdict == ClaimVerdict::not_read; });
  std::string text;
  if (!claims.empty())
    text += "claims " + join(claims, ", ");
  else
    text += unread == verified.end() ? "claims nothing" : "no claim read";
  if (unread != verified.end())
    text += "; not read: " + escape_terminal(unread->second.reason);
  return against.empty() ? text : text + "; " + count_of(against.size(), "object") + " against it";
}

std::string said_of(const Row &row) {
  if (row.modules.size() == 1) {
    const ReportedModule &module = *row.modules[0];
    return std::string(to_string(module.init)) +
           (module.binding.empty() ? "; " : ", " + escape_terminal(module.binding) + "; ") +
           said_of(module.claims, module.verified);
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(shown_names, row.modules.size()); ++i)
    names.push_back(escape_terminal(row.modules[i]->name));
  if (row.modules.size() > shown_names)
    names.emplace_back("...");
  return join(names, ", ");
}

std::string words_text(const WorldWords &words, const TextStyle &style) {
  std::string text;
  for (const std::optional<PlainWord> &word : words.words)
    text += word ? style.risk(colour_of(*word), left(std::string(to_string(*word)), 15)) : left("-", 15);
  return text;
}

} // namespace

std::string modules_text(const Report &report, const TextStyle &style) {
  if (report.modules.empty())
    return "";
  const std::vector<Row> rows = rows_of(report);
  std::size_t width = 12;
  for (const Row &row : rows)
    width = std::max(width, std::min<std::size_t>(name_of(row).size(), 40));
  std::string text = "\n" + style.bold(left("Modules", width + 4));
  for (const Profile profile : report.profiles)
    text += left(std::string(to_string(profile)), 15);
  text += "says\n";
  std::set<PlainWord> used;
  for (const Row &row : rows) {
    text += "  " + style.bold(left(name_of(row), width)) + "  " + words_text(row.words[0], style) + said_of(row) + "\n";
    for (std::size_t i = 1; i < row.words.size(); ++i)
      text += "    " + left(escape_terminal(row.words[i].world), width - 2) + "  " + words_text(row.words[i], style) +
              (row.modules.size() == 1 ? said_of(row.words[i].read->claims, row.words[i].read->verified) : "") + "\n";
    for (const WorldWords &each : row.words)
      for (const std::optional<PlainWord> &word : each.words)
        if (word)
          used.insert(*word);
  }
  std::vector<std::string> worlds;
  for (const Profile profile : report.profiles)
    worlds.push_back(std::string(to_string(profile)) + ", " + std::string(meaning_of(profile)));
  text += style.dim("  worlds: " + join(worlds, "; ")) + "\n";
  for (const PlainWord word : used)
    text += style.dim("  " + std::string(to_string(word)) + ": " + std::string(meaning_of(word))) + "\n";
  return text;
}

} // namespace ringfence
