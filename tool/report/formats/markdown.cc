#include <algorithm>
#include <set>

#include "base/text.h"
#include "report/by_module.h"
#include "report/formats/markdown.h"
#include "report/names.h"
#include "report/plain_words.h"
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

constexpr std::size_t modules_limit = 25'000, problems_limit = 30'000, suppressed_limit = 5'000; // bytes

using RiskCounts = std::map<Risk, std::size_t, std::greater<>>;

// "2 high, 1 low"
std::string counts_text(const RiskCounts &counts) {
  std::vector<std::string> parts;
  for (const auto &[risk, count] : counts)
    parts.push_back(std::to_string(count) + " " + std::string(to_string(risk)));
  return join(parts, ", ");
}

std::string modules_table(const Report &report, const std::vector<Problem> &problems) {
  const ModuleNames names(report);
  const PlainWords plain(report);
  std::set<PlainWord> used;
  std::map<std::string, RiskCounts> counts;
  for (const Problem &problem : problems)
    ++counts[names.of(problem)][highest_risk(problem.risk, report.profiles)];

  std::vector<std::string> titles = {"module", "problems", "initialisation", "claims"};
  for (const Profile profile : report.profiles)
    titles.emplace_back(to_string(profile));
  Table table(titles, modules_limit);
  for (const ReportedModule &module : report.modules) {
    std::vector<std::string> claims;
    claims.reserve(module.claims.size());
    for (const auto &[name, value] : module.claims)
      claims.push_back(name + ": " + value);
    std::vector<std::string> cells = {cell(module.name), counts_text(counts[module.name]),
                                      cell(std::string(to_string(module.init))), cell(join(claims, ", "))};
    const std::vector<WorldWords> words = plain.by_world(module);
    for (std::size_t i = 0; i < report.profiles.size(); ++i) {
      const auto verified = module.verified.find(std::string(to_string(report.profiles[i])));
      std::string word(to_string(*words[0].words[i]));
      used.insert(*words[0].words[i]);
      if (verified != module.verified.end() && !verified->second.refuted_by.empty())
        word += " (" + std::to_string(verified->second.refuted_by.size()) + ")";
      for (std::size_t k = 1; k < words.size(); ++k)
        if (const auto &other = words[k].words[i]; other && other != words[0].words[i]) {
          used.insert(*other);
          word += ", " + words[k].world + ": " + std::string(to_string(*other));
        }
      cells.push_back(cell(word));
    }
    table.add(cells);
  }
  if (const auto others = counts.find(""); others != counts.end()) {
    std::vector<std::string> cells(titles.size());
    cells[0] = "in no module, or in several";
    cells[1] = counts_text(others->second);
    table.add(cells);
  }
  std::string meanings;
  for (const PlainWord word : used)
    meanings += (meanings.empty() ? "\n" : "; ") + std::string(to_string(word)) + ": " + std::string(meaning_of(word));
  return table.text() + meanings + ".\n";
}

std::string suppressed_table(const std::vector<Problem> &suppressed) {
  Table table({"place", "subject", "rule", "reason"}, suppressed_limit);
  for (const Problem &problem : suppressed)
    table.add({cell(problem.place.file + ":" + std::to_string(problem.place.line)), cell(problem.subject.id()),
               cell(problem.rule), cell(problem.suppressed->reason)});
  return table.text();
}

// In the order of the text report: report/worth.h.
std::string problems_table(const Report &report, const std::vector<Problem> &problems) {
  Table table({"place", "subject", "rule", "risk", "what to do"}, problems_limit);
  const auto add = [&](const Problem &problem) {
    table.add({cell(problem.place.file + ":" + std::to_string(problem.place.line)), cell(problem.subject.id()),
               cell(problem.rule), std::string(to_string(highest_risk(problem.risk, report.profiles))),
               cell(problem.advice)});
  };
  for (const Entry &entry : by_worth(problems, report))
    for (const Case &each : entry.cases) {
      add(*each.cause);
      for (const Problem *consequence : each.consequences)
        add(*consequence);
    }
  return table.text();
}

} // namespace

std::string to_markdown(const Report &report, const std::vector<Problem> &all) {
  std::vector<Problem> problems, suppressed;
  for (const Problem &problem : all)
    (problem.suppressed ? suppressed : problems).push_back(problem);
  std::string text = "## Global state\n\n**" + cell(answer_of(report).text) + "**\n\n" +
                     count_of(report.objects.size(), "object") + " in " + count_of(report.units.size(), "unit") + ", " +
                     count_of(problems.size(), "problem") +
                     (suppressed.empty() ? "" : ", " + std::to_string(suppressed.size()) + " suppressed") + ".\n";
  if (report.accounting.incomplete())
    text += "\n**The analysis is incomplete**: a file failed, was read in part or was skipped.\n";
  if (!report.modules.empty())
    text += "\n### Modules\n\n" + modules_table(report, problems);
  if (!problems.empty())
    text += "\n### Problems\n\n" + problems_table(report, problems);
  if (!suppressed.empty())
    text += "\n### Suppressed in the source\n\n" + suppressed_table(suppressed);
  return text;
}

} // namespace ringfence
