#include "report/worth.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

constexpr std::size_t repeated = 3; // so many cases of a rule are one entry

// What is known of subjects and files besides the problems.
class Known {
public:
  explicit Known(const Report &report) : profiles_(report.profiles) {
    for (const ReportedModule &module : report.modules) {
      const std::string subject = module.subject().id();
      modules_.insert(subject);
      for (const Profile profile : report.profiles)
        if (const auto at = module.verified.find(std::string(to_string(profile)));
            at != module.verified.end() && at->second.verdict == ClaimVerdict::refuted)
          refuted_[subject].push_back(profile);
    }
    std::set<std::string> own_files;
    for (const ReportedObject &object : report.objects)
      if (object.origin != CodeOrigin::project || !object.generated_by.empty())
        foreign_.insert(object.subject.id()), foreign_files_.insert(object.place.file);
      else
        own_files.insert(object.place.file);
    std::erase_if(foreign_files_, [&](const std::string &file) { return own_files.contains(file); });
  }

  // Ascending: what to look at first.
  auto rank(const Case &each) const {
    const Problem &cause = *each.cause;
    const int sum = std::accumulate(profiles_.begin(), profiles_.end(), 0, [&](int total, Profile profile) {
      return total + static_cast<int>(risk_of(cause.risk, profile));
    });
    Risks down = cause.risk; // at the same sum, what fewer Pythons protect from comes first: a shared GIL, then its own
    std::ranges::transform(down, down.begin(), [](Risk risk) { return static_cast<Risk>(3 - static_cast<int>(risk)); });
    return std::tuple(is_refutation(cause) && !is_foreign(cause) ? 0 : 1,
                      -static_cast<int>(highest_risk(cause.risk, profiles_)),
                      is_foreign(cause) ? 2 : (modules_.contains(cause.subject.id()) ? 1 : 0), -sum, down);
  }

private:
  // A finding of high risk on a module, where its claim is false.
  bool is_refutation(const Problem &problem) const {
    const auto found = refuted_.find(problem.subject.id());
    return problem.verdict.empty() && found != refuted_.end() &&
           std::ranges::any_of(found->second,
                               [&](Profile profile) { return risk_of(problem.risk, profile) == Risk::high; });
  }

  bool is_foreign(const Problem &problem) const {
    if (!problem.verdict.empty())
      return foreign_.contains(problem.subject.id());
    return problem.subject.id().starts_with('<') || foreign_files_.contains(problem.place.file);
  }

  const std::vector<Profile> &profiles_;
  std::set<std::string> modules_, foreign_, foreign_files_;
  std::map<std::string, std::vector<Profile>> refuted_; // modules, with the profiles under which their claims are false
};

// The object that is the cause of a finding: its evidence lies where the object's does, and names it.
class Causes {
public:
  explicit Causes(const std::vector<Problem> &problems) {
    for (const Problem &problem : problems) {
      if (problem.verdict.empty())
        continue;
      at_[problem.place].push_back(&problem);
      for (const Evidence &evidence : problem.evidence)
        at_[evidence.place].push_back(&problem);
    }
  }

  const Problem *of(const Problem &finding) const {
    if (const Problem *object = named_at(finding.place, finding, finding.message))
      return object;
    for (const Evidence &evidence : finding.evidence)
      if (const Problem *object = named_at(evidence.place, finding, evidence.text))
        return object;
    return nullptr;
  }

private:
  const Problem *named_at(const Place &place, const Problem &finding, const std::string &text) const {
    const auto found = at_.find(place);
    if (found == at_.end())
      return nullptr;
    for (const Problem *object : found->second) {
      const std::string &name = object->subject.name;
      const bool same =
          finding.subject.id() == object->subject.id() || (object->place == finding.place && place == finding.place);
      if (same || contains(text, name.substr(name.rfind(':') + 1)))
        return object;
    }
    return nullptr;
  }

  std::map<Place, std::vector<const Problem *>> at_;
};

// Each problem once: as a cause, or below its cause. Modules with a false claim are causes in their own right.
std::vector<Case> cases_of(const std::vector<Problem> &problems, const Known &known) {
  const Causes causes(problems);
  std::map<const Problem *, std::vector<const Problem *>> below;
  std::map<std::string, std::vector<const Problem *>> of_subject; // of findings that no object causes
  std::vector<Case> cases;
  for (const Problem &problem : problems) {
    const bool is_refuted = std::get<0>(known.rank({&problem, {}})) == 0;
    const Problem *cause = problem.verdict.empty() && !is_refuted ? causes.of(problem) : nullptr;
    if (cause)
      below[cause].push_back(&problem);
    else if (problem.verdict.empty())
      of_subject[problem.subject.id()].push_back(&problem);
    else
      cases.push_back({&problem, {}});
  }
  for (auto &[subject, findings] : of_subject) {
    std::ranges::stable_sort(findings, {}, [&](const Problem *each) { return known.rank({each, {}}); });
    cases.push_back({findings.front(), {findings.begin() + 1, findings.end()}});
  }
  for (Case &each : cases)
    if (const auto found = below.find(each.cause); found != below.end())
      each.consequences = found->second;
  std::ranges::stable_sort(cases, {}, [](const Case &each) { return std::tie(each.cause->place, each.cause->rule); });
  std::ranges::stable_sort(cases, {}, [&](const Case &each) { return known.rank(each); });
  return cases;
}

} // namespace

std::vector<Entry> by_worth(const std::vector<Problem> &problems, const Report &report) {
  const Known known(report);
  const std::vector<Case> cases = cases_of(problems, known);
  const auto key = [&](const Case &each) {
    const auto [refuted, risk, whose, sum, down] = known.rank(each);
    return std::tuple(refuted, risk, whose, each.cause->rule);
  };
  std::map<decltype(key(cases.front())), std::size_t> counts, positions;
  for (const Case &each : cases)
    ++counts[key(each)];
  std::vector<Entry> entries;
  for (const Case &each : cases) {
    const auto [at, is_new] = positions.emplace(key(each), entries.size());
    if (is_new || counts[key(each)] < repeated)
      entries.push_back({{each}});
    else
      entries[at->second].cases.push_back(each);
  }
  return entries;
}

} // namespace ringfence
