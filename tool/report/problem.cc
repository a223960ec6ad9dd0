#include "report/problem.h"

#include <algorithm>
#include <set>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

constexpr std::string_view unused_suppression = " unused-suppression"; // the end of the rule's full name

Problem problem_of(const ReportedObject &object) {
  return {object.subject,  object.rule,       object.fingerprint, object.verdict, object.kind,
          object.type,     object.place,      object.message,     object.advice,  object.risk,
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

// The findings that speak for what a generator wrote (classify/checks/generated_findings.h).
class Spoken {
public:
  explicit Spoken(const Report &report) {
    for (const Finding &finding : report.findings)
      if (finding.subject.kind == SubjectKind::generator)
        subjects_.insert(finding.subject);
  }
  bool for_object(const ReportedObject &object) const {
    return object.collapsed &&
           subjects_.contains(generator_subject(object.generated_by, object.rule.substr(object.rule.find(' ') + 1)));
  }

private:
  std::set<Subject> subjects_;
};

std::optional<std::vector<std::string>> members_at(const ReportedObject &object, const std::vector<Profile> &profiles,
                                                   Risk min_risk) {
  if (object.members.empty())
    return std::nullopt;
  std::vector<std::string> names;
  for (const ReportedMember &member : object.members)
    if (highest_risk(member.risk, profiles) >= min_risk)
      names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<Problem> list(const Report &report, const std::vector<Profile> &profiles, Risk min_risk, bool suppressed) {
  std::vector<Problem> problems;
  const auto counts = [&](const auto &entry) {
    return highest_risk(entry.risk, profiles) >= min_risk && entry.suppressed.has_value() == suppressed;
  };
  const Spoken spoken(report);
  for (const ReportedObject &object : report.objects)
    if (counts(object) && !spoken.for_object(object)) {
      problems.push_back(problem_of(object));
      problems.back().members = members_at(object, profiles, min_risk);
    }
  for (const Finding &finding : report.findings)
    if (counts(finding))
      problems.push_back(problem_of(finding));
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

bool is_at_risk(const ReportedObject &object, const std::vector<Profile> &profiles) {
  return !object.collapsed && highest_risk(object.risk, profiles) > Risk::none;
}

Finding finding_of(const ReportedObject &object) {
  return {object.rule, object.subject,  object.place,       object.message,   object.advice,
          object.risk, object.evidence, object.fingerprint, object.suppressed};
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
    if (finding.rule.ends_with(unused_suppression))
      unused.push_back(problem_of(finding));
  return unused;
}

std::string suppressed_line(const Problem &problem) {
  const Suppression by = problem.suppressed.value_or(Suppression());
  return escape_terminal(problem.subject.id() + " [" + problem.rule + "]: " + by.reason + " (" + by.place.file + ":" +
                         std::to_string(by.place.line) + ")");
}

} // namespace ringfence
