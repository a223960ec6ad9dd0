#include "report/formats/text.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "report/by_module.h"
#include "report/formats/text_problem.h"
#include "report/formats/text_style.h"
#include "report/formats/text_summary.h"
#include "report/formats/text_worth.h"
#include "report/problem.h"
#include "report/project_name.h"
#include "report/source_lines.h"

namespace ringfence {
namespace {

// Worst first: by the highest risk, then checks before objects, then by the sum over the profiles.
void worst_first(std::vector<Problem> &problems, const std::vector<Profile> &profiles) {
  const auto sum = [&](const Problem &problem) {
    return std::accumulate(profiles.begin(), profiles.end(), 0, [&](int total, Profile profile) {
      return total + static_cast<int>(risk_of(problem.risk, profile));
    });
  };
  std::stable_sort(problems.begin(), problems.end(), [&](const Problem &a, const Problem &b) {
    const auto left = std::tuple(highest_risk(b.risk, profiles), a.verdict.empty() ? 0 : 1, sum(b));
    const auto right = std::tuple(highest_risk(a.risk, profiles), b.verdict.empty() ? 0 : 1, sum(a));
    return left < right;
  });
}

std::string problem_text(const Problem &problem, const Report &report, const TextOptions &options,
                         SourceLines &sources) {
  const TextStyle style{options.color};
  const Risk worst = highest_risk(problem.risk, report.profiles);
  const std::string at = std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
  const bool by_file = options.group_by == TextOptions::GroupBy::file;
  const bool by_rule = options.group_by == TextOptions::GroupBy::rule;
  std::string text = "  " + (by_file ? left(at, 8) : escape_terminal(problem.place.file) + ":" + at + "  ");
  text += style.risk(worst, left(std::string(to_string(worst)), 8)) + escape_terminal(problem.message);
  text += by_rule ? "\n" : "  " + style.dim("[" + escape_terminal(problem.rule) + "]") + "\n";
  return text + proof_text(problem, style, sources) + what_to_do_text(problem, report, style);
}

struct Group {
  std::string name;
  std::vector<const Problem *> members;
};

std::string group_name(const Problem &problem, const ModuleNames &modules, TextOptions::GroupBy group_by) {
  switch (group_by) {
  case TextOptions::GroupBy::file:
    return problem.place.file;
  case TextOptions::GroupBy::rule:
    return problem.rule;
  case TextOptions::GroupBy::verdict:
    return problem.verdict.empty() ? problem.rule : problem.verdict;
  case TextOptions::GroupBy::module:
  case TextOptions::GroupBy::worth: // has no names
    break;
  }
  const std::string module = modules.of(problem);
  return module.empty() ? "in no module, or in several" : module;
}

bool comes_before(const Problem &a, const Problem &b, TextOptions::Sort sort) {
  if (sort == TextOptions::Sort::name)
    return std::tie(a.subject, a.place) < std::tie(b.subject, b.place);
  if (sort == TextOptions::Sort::rule)
    return std::tie(a.rule, a.place) < std::tie(b.rule, b.place);
  return a.place < b.place;
}

// `problems` come worst first. Groups by name, or by risk in the order of their worst problems.
std::vector<Group> groups_of(const std::vector<Problem> &problems, const Report &report, const TextOptions &options) {
  const ModuleNames modules(report);
  std::vector<Group> groups;
  std::map<std::string, std::size_t> positions;
  for (const Problem &problem : problems) {
    const std::string name = group_name(problem, modules, options.group_by);
    const auto [at, is_new] = positions.emplace(name, groups.size());
    if (is_new)
      groups.push_back({name, {}});
    groups[at->second].members.push_back(&problem);
  }
  if (options.sort == TextOptions::Sort::risk)
    return groups;
  for (Group &group : groups)
    std::stable_sort(group.members.begin(), group.members.end(),
                     [&](const Problem *a, const Problem *b) { return comes_before(*a, *b, options.sort); });
  std::sort(groups.begin(), groups.end(), [](const Group &a, const Group &b) { return a.name < b.name; });
  return groups;
}

std::string problems_text(const Report &report, const TextOptions &options) {
  const TextStyle style{options.color};
  std::vector<Problem> problems = problems_of(report, report.profiles, options.at_least);
  const std::size_t total = problems.size();
  if (total == 0)
    return "\nNo problem of risk " + std::string(to_string(options.at_least)) + " or higher" +
           (report.accounting.incomplete() ? " in what was read; the rest may hold some.\n" : ".\n");
  SourceLines sources(options.files, options.folders);
  if (options.group_by == TextOptions::GroupBy::worth)
    return worth_text(problems, report, options, sources);
  worst_first(problems, report.profiles);
  if (options.limit != 0 && problems.size() > options.limit)
    problems.resize(options.limit);
  std::string text;
  for (const Group &group : groups_of(problems, report, options)) {
    text += "\n" + style.bold(escape_terminal(group.name)) + "\n";
    for (const Problem *problem : group.members)
      text += problem_text(*problem, report, options, sources);
  }
  text += "\n" + count_of(total, "problem") + " of risk " + std::string(to_string(options.at_least)) + " or higher";
  if (problems.size() < total)
    text += ", the worst " + std::to_string(problems.size()) + " shown; --limit 0 shows all";
  return text + ".\n";
}

// What the source itself allows, each with its reason, and what it allows in vain.
std::string suppressed_text(const Report &report, const TextOptions &options) {
  const std::vector<Problem> suppressed = suppressed_of(report, report.profiles, options.at_least);
  const std::vector<Problem> unused = unused_suppressions_of(report);
  if (suppressed.empty() && unused.empty())
    return "";
  std::string text = "\n" + TextStyle{options.color}.bold("Suppressed in the source: ") +
                     count_of(suppressed.size(), "problem") + "\n";
  for (const Problem &problem : suppressed)
    text += "  " + suppressed_line(problem) + "\n";
  for (const Problem &problem : unused)
    text += "  " + escape_terminal(problem.place.file) + ":" + std::to_string(problem.place.line) + ": " +
            escape_terminal(problem.message) + "\n";
  return text;
}

} // namespace

std::string to_text(const Report &report, const TextOptions &options) {
  const TextStyle style{options.color};
  const std::string project = options.folders.root.empty() ? report.root : project_name(options.folders.root);
  return summary_text(report, project, style) + problems_text(report, options) + suppressed_text(report, options) +
         numbers_text(report, style, options.at_least) + incomplete_text(report, style) + next_text(report, options);
}

} // namespace ringfence
