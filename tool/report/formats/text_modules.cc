#include "report/formats/text_modules.h"

#include <algorithm>
#include <map>
#include <set>

#include "report/plain_words.h"

namespace ringfence {
namespace {

constexpr std::size_t repeated = 4, shown_names = 6; // so many modules alike are one line; names on it

struct Row {
  std::vector<PlainWord> words; // by profile of the report
  std::vector<const ReportedModule *> modules;
};

Risk colour_of(PlainWord word) {
  return word == PlainWord::unsafe ? Risk::high : word == PlainWord::incomplete ? Risk::medium : Risk::none;
}

// What is unsafe first, alone; what is not is put together where many are alike.
std::vector<Row> rows_of(const Report &report) {
  std::map<std::vector<PlainWord>, std::vector<const ReportedModule *>> alike;
  for (const ReportedModule &module : report.modules) {
    std::vector<PlainWord> words;
    for (const Profile profile : report.profiles)
      words.push_back(plain_word(report, module, profile));
    alike[std::move(words)].push_back(&module);
  }
  std::vector<Row> rows;
  for (const auto &[words, modules] : alike)
    if (modules.size() < repeated || std::ranges::count(words, PlainWord::unsafe) > 0)
      for (const ReportedModule *module : modules)
        rows.push_back({words, {module}});
    else
      rows.push_back({words, modules});
  std::ranges::stable_sort(rows, std::greater(),
                           [](const Row &row) { return std::ranges::count(row.words, PlainWord::unsafe); });
  return rows;
}

std::string name_of(const Row &row) {
  return row.modules.size() == 1 ? escape_terminal(row.modules[0]->name)
                                 : std::to_string(row.modules.size()) + " modules";
}

// "multi-phase, pybind11; claims gil=not-used; 3 objects against it"
std::string said_of(const Row &row) {
  std::vector<std::string> parts;
  if (row.modules.size() > 1) {
    for (std::size_t i = 0; i < std::min(shown_names, row.modules.size()); ++i)
      parts.push_back(escape_terminal(row.modules[i]->name));
    if (row.modules.size() > shown_names)
      parts.push_back("...");
    return join(parts, ", ");
  }
  const ReportedModule &module = *row.modules[0];
  for (const auto &[claim, value] : module.claims)
    parts.push_back(escape_terminal(claim + "=" + value));
  std::set<std::string_view> against;
  for (const auto &[profile, claim] : module.verified)
    against.insert(claim.refuted_by.begin(), claim.refuted_by.end());
  std::string text = std::string(to_string(module.init));
  if (!module.binding.empty())
    text += ", " + escape_terminal(module.binding);
  const auto unread = std::ranges::find_if(
      module.verified, [](const auto &each) { return each.second.verdict == ClaimVerdict::not_read; });
  if (!parts.empty())
    text += "; claims " + join(parts, ", ");
  else
    text += unread == module.verified.end() ? "; claims nothing" : "; no claim read";
  if (unread != module.verified.end())
    text += "; not read: " + escape_terminal(unread->second.reason);
  return against.empty() ? text : text + "; " + count_of(against.size(), "object") + " against it";
}

} // namespace

std::string modules_text(const Report &report, const TextStyle &style) {
  if (report.modules.empty())
    return "\nNo extension module was recognised in what was read.\n";
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
    text += "  " + style.bold(left(name_of(row), width)) + "  ";
    for (const PlainWord word : row.words) {
      used.insert(word);
      text += style.risk(colour_of(word), left(std::string(to_string(word)), 15));
    }
    text += said_of(row) + "\n";
  }
  for (const PlainWord word : used)
    text += style.dim("  " + std::string(to_string(word)) + ": " + std::string(meaning_of(word))) + "\n";
  return text;
}

} // namespace ringfence
