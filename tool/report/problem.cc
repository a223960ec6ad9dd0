#include "report/problem.h"

#include <algorithm>
#include <set>

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

} // namespace

std::vector<Problem> problems_of(const Report &report, const std::vector<Profile> &profiles, Risk min_risk) {
  std::vector<Problem> problems;
  for (const ReportedObject &object : report.objects)
    if (highest_risk(object.risk, profiles) >= min_risk)
      problems.push_back({object.id, object.rule, object.fingerprint, object.verdict, object.kind, object.type,
                          object.place, message_of(object), object.advice, object.risk, object.evidence});
  for (const Finding &finding : report.findings)
    if (highest_risk(finding.risk, profiles) >= min_risk)
      problems.push_back({finding.subject, finding.rule, finding.fingerprint, "", "", "", finding.place,
                          finding.message, finding.advice, finding.risk, finding.evidence});
  std::stable_sort(problems.begin(), problems.end(), [](const Problem &a, const Problem &b) {
    return std::tie(a.place, a.rule, a.subject) < std::tie(b.place, b.rule, b.subject);
  });
  std::set<std::string> seen;
  std::erase_if(problems, [&](const Problem &problem) { return !seen.insert(problem.fingerprint).second; });
  return problems;
}

} // namespace ringfence
