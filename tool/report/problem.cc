#include "report/problem.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

std::string_view written(std::string_view writes) {
  if (writes == "never")
    return ", never written";
  if (writes == "init")
    return ", written by module initialisation alone";
  if (writes == "exec")
    return ", written once for each interpreter";
  return writes == "lazy" ? ", written at first use" : ", written at any time";
}

// "object-cache: 'cache' (PyObject *) in f(), written at first use; result of PyImport_ImportModule"
std::string message_of(const ReportedObject &object) {
  std::string message = object.verdict + ": '" + object.name + "' (" + object.type + ")";
  if (!object.function.empty())
    message += " in " + object.function + "()";
  message += written(object.writes);
  if (!object.evidence.empty())
    message += "; " + object.evidence.front().text;
  return message;
}

Problem problem_of(const ReportedObject &object) {
  return {object.id,       object.rule,       object.fingerprint, object.verdict, object.kind,
          object.type,     object.place,      message_of(object), object.advice,  object.risk,
          object.evidence, object.suppressed, object.observed};
}

Problem problem_of(const Finding &finding) {
  return {finding.subject,
          finding.rule,
          finding.fingerprint,
          "",
          "",
          "",
          finding.place,
          finding.message,
          finding.advice,
          finding.risk,
          finding.evidence,
          finding.suppressed,
          {}};
}

std::vector<Problem> list(const Report &report, const std::vector<Profile> &profiles, Risk min_risk, bool suppressed) {
  std::vector<Problem> problems;
  const auto add = [&](const auto &entry) {
    if (highest_risk(entry.risk, profiles) >= min_risk && entry.suppressed.has_value() == suppressed)
      problems.push_back(problem_of(entry));
  };
  std::for_each(report.objects.begin(), report.objects.end(), add);
  std::for_each(report.findings.begin(), report.findings.end(), add);
  std::stable_sort(problems.begin(), problems.end(), [](const Problem &a, const Problem &b) {
    return std::tie(a.place, a.rule, a.subject) < std::tie(b.place, b.rule, b.subject);
  });
  std::set<std::string> seen;
  std::erase_if(problems, [&](const Problem &problem) { return !seen.insert(problem.fingerprint).second; });
  return problems;
}

} // namespace

std::vector<Problem> problems_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk) {
  return list(report, profiles, min_risk, false);
}

bool has_problem(const Report &report, const std::vector<Profile> &profiles, Risk min_risk) {
  const auto is_problem = [&](const auto &entry) {
    return highest_risk(entry.risk, profiles) >= min_risk && !entry.suppressed;
  };
  return std::any_of(report.objects.begin(), report.objects.end(), is_problem) ||
         std::any_of(report.findings.begin(), report.findings.end(), is_problem);
}

std::vector<Problem> suppressed_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk) {
  return list(report, profiles, min_risk, true);
}

std::vector<Problem> unused_suppressions_of(const Report &report) {
  std::vector<Problem> unused;
  for (const Finding &finding : report.findings)
    if (finding.rule.starts_with("RF901 "))
      unused.push_back(problem_of(finding));
  return unused;
}

std::string suppressed_line(const Problem &problem) {
  const Suppression by = problem.suppressed.value_or(Suppression());
  return escape_terminal(problem.subject + " [" + problem.rule + "]: " + by.reason + " (" + by.place.file + ":" +
                         std::to_string(by.place.line) + ")");
}

} // namespace ringfence
