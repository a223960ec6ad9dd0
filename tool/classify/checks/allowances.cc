#include "classify/checks/allowances.h"

#include <unordered_map>

#include "report/names.h"

namespace ringfence {

namespace {

class Allowances {
public:
  Allowances(const ProgramIndex &index, std::vector<AllowanceUse> &uses) : index_(index), uses_(uses) {
    const std::vector<Allowance> &all = index.program.allowances;
    for (Index i = 0; i < all.size(); ++i) {
      if (all[i].reason.empty())
        continue;
      by_file_[index.place(all[i].location).file].push_back(i);
      if (all[i].object != none)
        by_object_[index.program.objects[all[i].object].id].push_back(i);
    }
  }

  // The allowance of a finding; it counts as used.
  std::optional<Suppression> find(const Subject &subject, const Place &place, const std::string &rule) {
    const Index *found = find_in(by_object_, subject.id(), rule, [](const Allowance &) { return true; });
    if (!found)
      found = find_in(by_file_, place.file, rule, [&](const Allowance &each) {
        return each.object == none && each.line <= place.line && place.line <= each.last_line;
      });
    if (!found)
      return std::nullopt;
    uses_[*found].used = true;
    const Allowance &allowance = index_.program.allowances[*found];
    return Suppression{allowance.reason, index_.place(allowance.location)};
  }

private:
  using Lists = std::unordered_map<std::string, std::vector<Index>>;

  template <class Where>
  const Index *find_in(const Lists &lists, const std::string &key, const std::string &rule, Where where) const {
    const auto list = lists.find(key);
    if (list == lists.end())
      return nullptr;
    for (const Index &i : list->second)
      if (const Allowance &each = index_.program.allowances[i]; names_rule(each.rule, rule) && where(each))
        return &i;
    return nullptr;
  }

  const ProgramIndex &index_;
  std::vector<AllowanceUse> &uses_;
  Lists by_file_, by_object_; // path or object id to allowances that give a reason
};

} // namespace

std::vector<AllowanceUse> apply_allowances(const ProgramIndex &index, const RuleSet &rules,
                                           std::vector<ReportedObject> &objects, std::vector<Finding> &findings) {
  const std::vector<Allowance> &all = index.program.allowances;
  std::vector<AllowanceUse> uses(all.size());
  for (Index i = 0; i < all.size(); ++i)
    if (!rules.find(all[i].rule))
      uses[i].unknown = "there is no such rule; did you mean \"" + rules.nearest(all[i].rule) + "\"?";
  if (all.empty())
    return uses;
  Allowances allowances(index, uses);
  for (ReportedObject &object : objects)
    object.suppressed = allowances.find(object.subject, object.place, object.rule);
  for (Finding &finding : findings)
    finding.suppressed = allowances.find(finding.subject, finding.place, finding.rule);
  return uses;
}

} // namespace ringfence
