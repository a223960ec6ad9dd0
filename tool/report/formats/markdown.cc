#include <algorithm>
#include <map>

#include "base/text.h"
#include "report/by_module.h"
#include "report/formats/markdown.h"
#include "report/formats/module_rows.h"
#include "report/names.h"
#include "report/worth.h"

namespace ringfence {
namespace {

// One table cell: no line break, no pipe, nothing that Markdown or HTML would read as markup.
std::string cell(std::string_view text) {
  std::string result;
  for (const char c : escape_terminal(text)) {
    if (c == '<')
      result += "&lt;";
    else if (c == '&')
      result += "&amp;";
    else if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos)
      result += {'\\', c};
    else
      result += c;
  }
  return result;
}

std::string row(const std::vector<std::string> &cells) { return "| " + join(cells, " | ") + " |\n"; }

std::string header(const std::vector<std::string> &cells) {
  return row(cells) + row(std::vector<std::string>(cells.size(), "---"));
}

// A tracker takes 65,536 characters: rows that would lead beyond that are left out and counted.
class Table {
public:
  Table(const std::vector<std::string> &titles, std::size_t limit) : text_(header(titles)), limit_(limit) {}

  void add(const std::vector<std::string> &cells) {
    const std::string line = row(cells);
    if (left_out_ > 0 || text_.size() + line.size() > limit_)
      ++left_out_;
    else
      text_ += line;
  }
  std::string text() const {
    return left_out_ == 0 ? text_ : text_ + "\nAnd " + std::to_string(left_out_) + " more: the JSON report has all.\n";
  }

private:
  std::string text_;
  std::size_t limit_, left_out_ = 0;
};

constexpr std::size_t listed_names = 80; // of modules that are alike
constexpr std::size_t modules_limit = 25'000, problems_limit = 30'000, suppressed_limit = 5'000; // bytes

using RiskCounts = std::map<Risk, std::size_t, std::greater<>>;

// "2 high, 1 low"
std::string counts_text(const RiskCounts &counts) {
  std::vector<std::string> parts;
  for (const auto &[risk, count] : counts)
    parts.push_back(std::to_string(count) + " " + std::string(to_string(risk)));
  return join(parts, ", ");
}

// "unsafe", and where another world shows another word "ok, this build: unsafe"; then how many objects stand against it.
std::string words_cell(const ModuleRow &row, const Report &report, std::size_t profile) {
  const std::optional<PlainWord> own = row.words[0].words[profile];
  std::string text(to_string(*own));
  if (row.modules.size() == 1) {
    const Verified &verified = row.modules[0]->verified;
    const auto claim = verified.find(std::string(to_string(report.profiles[profile])));
    if (claim != verified.end() && !claim->second.refuted_by.empty())
      text += " (" + count_of(claim->second.refuted_by.size(), "object") + ")";
  }
  for (const WorldWords &each : row.words)
    if (const auto &other = each.words[profile]; other && other != own)
      text += ", " + each.world + ": " + std::string(to_string(*other));
  return text;
}

// What the modules of a row say of themselves, where all say the same.
std::string common_text(const ModuleRow &row, const auto &said_by) {
  const std::string first = said_by(*row.modules[0]);
  return std::ranges::all_of(row.modules, [&](const ReportedModule *each) { return said_by(*each) == first; })
             ? first
             : "various";
}

std::string claims_text(const ReportedModule &module) {
  std::vector<std::string> claims;
  claims.reserve(module.claims.size());
  for (const auto &[name, value] : module.claims)
    claims.push_back(name + ": " + value);
  return claims.empty() ? "nothing" : join(claims, ", ");
}

std::string modules_table(const Report &report, const std::vector<Problem> &problems) {
  const ModuleNames names(report);
  std::map<std::string, RiskCounts> counts;
  for (const Problem &problem : problems)
    ++counts[names.of(problem)][highest_risk(problem.risk, report.profiles)];

  std::vector<std::string> titles = {"module", "problems", "initialisation", "claims"};
  for (const Profile profile : report.profiles)
    titles.emplace_back(to_string(profile));
  Table table(titles, modules_limit);
  const std::vector<ModuleRow> rows = module_rows(report);
  for (const ModuleRow &row : rows) {
    std::vector<std::string> listed;
    RiskCounts together;
    for (const ReportedModule *module : row.modules) {
      if (listed.size() < listed_names)
        listed.push_back(module->name);
      for (const auto &[risk, count] : counts[module->name])
        together[risk] += count;
    }
    std::string name = join(listed, ", ");
    if (row.modules.size() > listed.size())
      name += " and " + std::to_string(row.modules.size() - listed.size()) + " more";
    if (row.modules.size() > 1)
      name = std::to_string(row.modules.size()) + " modules: " + name;
    std::vector<std::string> cells = {cell(name), counts_text(together), cell(common_text(row, init_text)),
                                      cell(common_text(row, claims_text))};
    for (std::size_t i = 0; i < report.profiles.size(); ++i)
      cells.push_back(cell(words_cell(row, report, i)));
    table.add(cells);
  }
  if (const auto others = counts.find(""); others != counts.end()) {
    std::vector<std::string> cells(titles.size());
    cells[0] = "in no module, or in several";
    cells[1] = counts_text(others->second);
    table.add(cells);
  }
  std::vector<std::string> meanings;
  for (const PlainWord word : words_in(rows))
    meanings.push_back(std::string(to_string(word)) + ": " + std::string(meaning_of(word)));
  return table.text() + "\nWorlds: " + worlds_text(report) + ".\n\n" + join(meanings, "; ") + ".\n";
}

std::string suppressed_table(const std::vector<Problem> &suppressed) {
  Table table({"place", "subject", "rule", "reason"}, suppressed_limit);
  for (const Problem &problem : suppressed)
    table.add({cell(problem.place.file + ":" + std::to_string(problem.place.line)), cell(problem.subject.id()),
               cell(problem.rule), cell(problem.suppressed->reason)});
  return table.text();
}

// The causes in the order of the text report (report/worth.h), with what follows from each: a row for each.
std::string problems_table(const Report &report, const std::vector<Entry> &entries) {
  Table table({"place", "subject", "rule", "risk", "what to do"}, problems_limit);
  for (const Entry &entry : entries)
    for (const Case &each : entry.cases) {
      const Problem &cause = *each.cause;
      std::string rule = cause.rule;
      for (const Problem *consequence : each.consequences)
        rule += ", and so " + consequence->rule;
      const bool said = &each != &entry.cases.front() && cause.advice == entry.cases.front().cause->advice;
      table.add({cell(cause.place.file + ":" + std::to_string(cause.place.line)), cell(cause.subject.id()), cell(rule),
                 std::string(to_string(highest_risk(cause.risk, report.profiles))),
                 said ? "as above" : cell(cause.advice)});
    }
  return table.text();
}

// What was not read, and why: the first of it.
std::string incomplete_text(const Report &report) {
  constexpr std::size_t shown = 5;
  std::vector<std::string> gaps;
  for (const ReportedUnit &unit : report.units) {
    if (unit.status == UnitStatus::complete)
      continue;
    const auto error =
        std::ranges::find_if(unit.diagnostics, [](const auto &each) { return each.severity != Severity::warning; });
    gaps.push_back(unit.file + " (" + std::string(to_string(unit.status)) +
                   (error == unit.diagnostics.end() ? ")" : ", " + error->message + ")"));
  }
  for (const std::string &file : report.accounting.uncovered)
    gaps.push_back(file + " (in no unit)");
  const std::size_t all = gaps.size();
  gaps.resize(std::min(all, shown));
  return "\n**The analysis is incomplete**: " + cell(join(gaps, "; ")) +
         (all > shown ? "; and " + std::to_string(all - shown) + " more" : "") + ".\n";
}

} // namespace

std::string to_markdown(const Report &report, const std::vector<Problem> &all) {
  std::vector<Problem> problems, suppressed;
  for (const Problem &problem : all)
    (problem.suppressed ? suppressed : problems).push_back(problem);
  const std::vector<Entry> entries = by_worth(problems, report);
  std::string text = "## Global state\n\n**" + cell(answer_of(report).text) + "**\n\n" +
                     count_of(report.objects.size(), "object") + " in " + count_of(report.units.size(), "unit") + ", " +
                     count_of(problems.size(), "problem") +
                     (entries.size() < problems.size() ? " with " + count_of(entries.size(), "cause") : "") +
                     (suppressed.empty() ? "" : ", " + std::to_string(suppressed.size()) + " suppressed") + ".\n";
  if (report.accounting.incomplete())
    text += incomplete_text(report);
  if (!report.modules.empty())
    text += "\n### Modules\n\n" + modules_table(report, problems);
  if (!problems.empty())
    text += "\n### Problems\n\n" + problems_table(report, entries);
  if (!suppressed.empty())
    text += "\n### Suppressed in the source\n\n" + suppressed_table(suppressed);
  return text;
}

} // namespace ringfence
