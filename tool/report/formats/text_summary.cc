#include "report/formats/text_summary.h"

#include <algorithm>
#include <map>

#include "report/formats/text_modules.h"
#include "report/plain_words.h"

namespace ringfence {
namespace {

constexpr std::array<Risk, 4> risks_down = {Risk::high, Risk::medium, Risk::low, Risk::none};

std::string heading(const TextStyle &style, std::string_view title) { return "\n" + style.bold(title) + "\n"; }

// "units: 3 complete, 1 partial"
std::string units_line(const Report &report) {
  std::vector<std::string> parts;
  parts.reserve(report.accounting.units_by_status.size());
  for (const auto &[status, count] : report.accounting.units_by_status)
    parts.push_back(std::to_string(count) + " " + escape_terminal(status));
  return count_of(report.units.size(), "unit") + (parts.empty() ? "" : " (" + join(parts, ", ") + ")") + ", " +
         count_of(report.objects.size(), "object") + ", " + count_of(report.accounting.findings, "finding") + "\n";
}

std::string risk_table(const Report &report, const TextStyle &style) {
  std::string text = heading(style, "Objects by risk");
  text += left("", 16);
  for (const Risk risk : risks_down)
    text += right(std::string(to_string(risk)), 8);
  text += "\n";
  for (const Profile profile : report.profiles) {
    std::map<Risk, std::size_t> counts;
    for (const ReportedObject &object : report.objects)
      ++counts[risk_of(object.risk, profile)];
    text += left("  " + std::string(to_string(profile)), 16);
    for (const Risk risk : risks_down)
      text += style.risk(counts[risk] == 0 ? Risk::none : risk, right(std::to_string(counts[risk]), 8));
    text += "\n";
  }
  return text;
}

// Verdicts with a risk worth showing, each on a line; the others in one sentence.
std::string verdict_table(const Report &report, const TextStyle &style, Risk at_least) {
  struct Row {
    Risk worst = Risk::none;
    std::size_t count = 0;
  };
  std::map<std::string, Row> rows;
  for (const ReportedObject &object : report.objects) {
    Row &row = rows[object.verdict];
    ++row.count;
    row.worst = std::max(row.worst, highest_risk(object.risk, report.profiles));
  }
  std::vector<std::pair<std::string, Row>> ordered(rows.begin(), rows.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto &a, const auto &b) {
    return a.second.worst != b.second.worst ? a.second.worst > b.second.worst : a.second.count > b.second.count;
  });
  std::string text = heading(style, "Objects by verdict");
  std::vector<std::string> harmless;
  for (const auto &[verdict, row] : ordered) {
    const std::string name = escape_terminal(verdict);
    if (row.worst >= at_least)
      text += left("  " + name, 28) + right(std::to_string(row.count), 8) + "  " +
              style.risk(row.worst, "up to " + std::string(to_string(row.worst))) + "\n";
    else
      harmless.push_back(name + " " + std::to_string(row.count));
  }
  if (!harmless.empty())
    text += "  of less risk: " + join(harmless, ", ") + "\n";
  return text;
}

} // namespace

std::string summary_text(const Report &report, const std::string &project, const TextStyle &style) {
  constexpr std::string_view warning = "warning: ";
  std::string text;
  for (const std::string &note : report.notes)
    if (note.starts_with(warning))
      text += style.risk(Risk::high, escape_terminal(note.substr(warning.size()))) + "\n";
  const Answer answer = answer_of(report);
  text += style.bold("ringfence " + report.tool_version) + ": " + escape_terminal(project) + ": " + units_line(report);
  text +=
      style.risk(answer.word == PlainWord::unsafe ? Risk::high : Risk::none, style.bold(escape_terminal(answer.text))) +
      "\n";
  text += modules_text(report, style);
  for (const std::string &note : report.notes)
    if (!note.starts_with(warning))
      text += style.dim("note: " + escape_terminal(note)) + "\n";
  return text;
}

std::string numbers_text(const Report &report, const TextStyle &style, Risk at_least) {
  return report.objects.empty() ? "" : risk_table(report, style) + verdict_table(report, style, at_least);
}

std::string incomplete_text(const Report &report, const TextStyle &style) {
  if (!report.accounting.incomplete())
    return "";
  constexpr std::size_t shown = 20; // of each list; the JSON report has all
  std::string text = "\n" + style.risk(Risk::high, "The analysis is incomplete.") + "\n";
  std::size_t listed = 0, troubled = 0;
  for (const ReportedUnit &unit : report.units) {
    if (unit.status == UnitStatus::complete || ++troubled > shown)
      continue;
    ++listed;
    text += "  " + left(std::string(to_string(unit.status)), 9) + escape_terminal(unit.file);
    const auto error = std::find_if(unit.diagnostics.begin(), unit.diagnostics.end(),
                                    [](const ReportedDiagnostic &each) { return each.severity != Severity::warning; });
    if (error != unit.diagnostics.end())
      text += ": " + escape_terminal(error->message);
    text += "\n";
  }
  if (troubled > listed)
    text += "  and " + count_of(troubled - listed, "more unit") + "\n";
  const std::vector<std::string> &uncovered = report.accounting.uncovered;
  for (std::size_t i = 0; i < std::min(shown, uncovered.size()); ++i)
    text += "  no unit " + escape_terminal(uncovered[i]) + "\n";
  if (uncovered.size() > shown)
    text += "  and " + count_of(uncovered.size() - shown, "more file") + " that no unit reads\n";
  return text;
}

} // namespace ringfence
