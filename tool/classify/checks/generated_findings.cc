#include "classify/checks/generated_findings.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/hash.h"
#include "base/text.h"
#include "classify/index/generator.h"
#include "report/problem.h"

namespace ringfence {

namespace {

constexpr std::size_t shown_places = 20; // evidence lines of a collapsed finding

// Of a finding on a module that a generator writes; a generator's own rule stays as it is.
std::string generator_of_module(const ProgramIndex &index, const Verdicts &verdicts, const Finding &finding) {
  const auto &all = index.tables.generators();
  if (std::any_of(all.begin(), all.end(), [&](const auto &each) {
        return !each.second.remedy.empty() && finding.rule.starts_with(each.second.remedy);
      }))
    return {};
  for (const ReportedModule &module : verdicts.modules)
    if (module.place == finding.place && finding.subject == module.subject())
      if (const Generator *known = index.tables.generator(module.binding); known && known->writes_module)
        return module.binding;
  return {};
}

// The generator whose own code causes the finding; empty where the project's does.
std::string generator_behind(const ProgramIndex &index, const Verdicts &verdicts, const Finding &finding) {
  if (const auto found = index.object_by_id.find(finding.subject.id()); found != index.object_by_id.end()) {
    const ReportedObject &object = verdicts.objects[found->second];
    return made_by_generator(index.tables, object) ? object.generated_by : std::string();
  }
  if (std::string generator = generator_of_module(index, verdicts, finding); !generator.empty())
    return generator;
  return index.tables.generator_of_name(&Generator::runtime_names, finding.subject.in_function());
}

// Nobody needs Cython's own advice, to turn its module state on, where that is on.
bool keeps_module_state(const ProgramIndex &index, const std::string &generator) {
  const auto &modules = index.program.modules;
  const auto is_its = [&](const Module &module) { return module.binding == generator; };
  return generator == "cython" && std::any_of(modules.begin(), modules.end(), is_its) &&
         std::all_of(modules.begin(), modules.end(),
                     [&](const Module &module) { return !is_its(module) || module.state_size > 0; });
}

Finding collapse(const ProgramIndex &index, const RuleSet &rules, const std::string &min_python,
                 const std::string &generator, std::vector<Finding> group) {
  std::sort(group.begin(), group.end(), [](const Finding &a, const Finding &b) {
    return std::tie(a.place, a.subject) < std::tie(b.place, b.subject);
  });
  const Generator *known = rules.tables.generator(generator);
  const Rule *own = known && !keeps_module_state(index, generator) ? rules.find(known->remedy) : nullptr;
  const Rule *cause = rules.find(group.front().rule);
  Finding all;
  all.rule = group.front().rule;
  all.subject = generator_subject(generator, cause ? cause->name : all.rule);
  all.place = group.front().place;
  all.message = "code that " + generator + " brings has " + count_of(group.size(), "case") + " of " +
                (cause ? cause->name : all.rule);
  all.advice = own ? own->advice(min_python) : group.front().advice;
  for (const Finding &finding : group)
    for (std::size_t i = 0; i < profile_count; ++i)
      all.risk[i] = std::max(all.risk[i], finding.risk[i]);
  for (std::size_t i = 0; i < std::min(group.size(), shown_places); ++i)
    all.evidence.push_back({group[i].place, {}, group[i].message});
  if (group.size() > shown_places)
    all.evidence.push_back({all.place, {}, "and " + std::to_string(group.size() - shown_places) + " more"});
  all.fingerprint = hash_hex(all.rule + "\n" + all.subject.id());
  return all;
}

} // namespace

void collapse_generated(const ProgramIndex &index, const RuleSet &rules, const std::vector<Profile> &profiles,
                        const std::string &min_python, Verdicts &verdicts, std::vector<Finding> &findings) {
  std::map<std::pair<std::string, std::string>, std::vector<Finding>> groups; // by generator and cause
  for (Index i = 0; i < verdicts.objects.size(); ++i) {
    ReportedObject &object = verdicts.objects[i];
    if (!in_inventory(index.program.objects[i]) || !made_by_generator(index.tables, object) ||
        !is_at_risk(object, profiles))
      continue;
    object.collapsed = true;
    groups[{object.generated_by, object.rule}].push_back(finding_of(object));
  }
  std::vector<Finding> single;
  for (Finding &finding : findings) {
    const std::string generator = generator_behind(index, verdicts, finding);
    (generator.empty() ? single : groups[{generator, finding.rule}]).push_back(std::move(finding));
  }
  findings = std::move(single);
  for (auto &[key, group] : groups)
    findings.push_back(collapse(index, rules, min_python, key.first, std::move(group)));
}

} // namespace ringfence
