#include "classify/allowances.h"

#include <unordered_map>

#include "report/names.h"

namespace ringfence {

namespace {

class Allowances {
public:
  explicit Allowances(Context &context) : context_(context) {
    const std::vector<Allowance> &all = context.program.allowances;
    for (Index i = 0; i < all.size(); ++i) {
      if (all[i].reason.empty())
        continue;
      by_file_[context.place(all[i].location).file].push_back(i);
      if (all[i].object != none)
        by_object_[context.program.objects[all[i].object].id].push_back(i);
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
    context_.allowances[*found].used = true;
    const Allowance &allowance = context_.program.allowances[*found];
    return Suppression{allowance.reason, context_.place(allowance.location)};
  }

private:
  using Lists = std::unordered_map<std::string, std::vector<Index>>;

  template <class Where>
  const Index *find_in(const Lists &lists, const std::string &key, const std::string &rule, Where where) const {
    const auto list = lists.find(key);
    if (list == lists.end())
      return nullptr;
    for (const Index &i : list->second)
      if (const Allowance &each = context_.program.allowances[i]; names_rule(each.rule, rule) && where(each))
        return &i;
    return nullptr;
  }

  Context &context_;
  Lists by_file_, by_object_; // path or object id to allowances that give a reason
};

} // namespace

void apply_allowances(Context &context, const RuleSet &rules, std::vector<Finding> &findings) {
  const std::vector<Allowance> &all = context.program.allowances;
  context.allowances.assign(all.size(), {});
  for (Index i = 0; i < all.size(); ++i)
    if (!rules.find(all[i].rule))
      context.allowances[i].unknown = "there is no such rule; did you mean \"" + rules.nearest(all[i].rule) + "\"?";
  if (all.empty())
    return;
  Allowances allowances(context);
  for (ReportedObject &object : context.objects)
    object.suppressed = allowances.find(object.subject, object.place, object.rule);
  for (Finding &finding : findings)
    finding.suppressed = allowances.find(finding.subject, finding.place, finding.rule);
}

} // namespace ringfence
