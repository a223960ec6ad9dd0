#include "report/formats/text_modules.h"

#include <algorithm>
#include <map>
#include <set>

#include "report/formats/module_rows.h"

namespace ringfence {
namespace {

constexpr std::size_t shown_names = 6; // on the line of modules that are alike

Risk colour_of(PlainWord word) {
  if (word == PlainWord::unsafe)
    return Risk::high;
  return word == PlainWord::incomplete || word == PlainWord::not_read ? Risk::medium : Risk::none;
}

std::string name_of(const ModuleRow &row) {
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

std::string said_of(const ModuleRow &row) {
  if (row.modules.size() == 1) {
    const ReportedModule &module = *row.modules[0];
    return init_text(module) + "; " + said_of(module.claims, module.verified);
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
  const std::vector<ModuleRow> rows = module_rows(report);
  std::size_t width = 12;
  for (const ModuleRow &row : rows)
    width = std::max(width, std::min<std::size_t>(name_of(row).size(), 40));
  std::string text = "\n" + style.bold(left("Modules", width + 4));
  for (const Profile profile : report.profiles)
    text += left(std::string(to_string(profile)), 15);
  text += "says\n";
  for (const ModuleRow &row : rows) {
    text += "  " + style.bold(left(name_of(row), width)) + "  " + words_text(row.words[0], style) + said_of(row) + "\n";
    for (std::size_t i = 1; i < row.words.size(); ++i)
      text += "    " + left(escape_terminal(row.words[i].world), width - 2) + "  " + words_text(row.words[i], style) +
              (row.modules.size() == 1 ? said_of(row.words[i].read->claims, row.words[i].read->verified) : "") + "\n";
  }
  text += style.dim("  worlds: " + worlds_text(report)) + "\n";
  for (const PlainWord word : words_in(rows))
    text += style.dim("  " + std::string(to_string(word)) + ": " + std::string(meaning_of(word))) + "\n";
  return text;
}

} // namespace ringfence
