#include "base/text.h"
#include "report/ci_formats.h"
#include "report/names.h"

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

std::string modules_table(const Report &report) {
  std::vector<std::string> titles = {"module", "initialisation", "claims"};
  for (const Profile profile : report.profiles)
    titles.emplace_back(to_string(profile));
  std::string text = header(titles);
  for (const ReportedModule &module : report.modules) {
    std::vector<std::string> claims;
    for (const auto &[name, value] : module.claims)
      claims.push_back(name + ": " + value);
    std::vector<std::string> cells = {cell(module.name), cell(module.init), cell(join(claims, ", "))};
    for (const Profile profile : report.profiles) {
      const auto verified = module.verified.find(std::string(to_string(profile)));
      std::string verdict = verified == module.verified.end() ? "" : verified->second.verdict;
      if (verified != module.verified.end() && !verified->second.refuted_by.empty())
        verdict += " (" + std::to_string(verified->second.refuted_by.size()) + ")";
      cells.push_back(cell(verdict));
    }
    text += row(cells);
  }
  return text;
}

std::string problems_table(const Report &report, const std::vector<Problem> &problems) {
  std::string text = header({"place", "subject", "rule", "risk", "what to do"});
  for (const Problem &problem : problems)
    text += row({cell(problem.place.file + ":" + std::to_string(problem.place.line)), cell(problem.subject),
                 cell(problem.rule), std::string(to_string(highest_risk(problem.risk, report.profiles))),
                 cell(problem.advice)});
  return text;
}

} // namespace

std::string to_markdown(const Report &report, const std::vector<Problem> &problems) {
  std::string text = "## Global state\n\n" + count_of(report.objects.size(), "object") + " in " +
                     count_of(report.units.size(), "unit") + ", " + count_of(problems.size(), "problem") + ".\n";
  if (report.accounting.incomplete())
    text += "\n**The analysis is incomplete**: a file failed, was read in part or was skipped.\n";
  if (!report.modules.empty())
    text += "\n### Modules\n\n" + modules_table(report);
  if (!problems.empty())
    text += "\n### Problems\n\n" + problems_table(report, problems);
  return text;
}

} // namespace ringfence
