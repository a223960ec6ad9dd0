#include "classify/observations.h"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/strict_json.h"
#include "base/text.h"
#include "classify/rules/wording.h"
#include "classify/verdicts/verdict.h"
#include "report/accounting.h"

namespace ringfence {
namespace {

constexpr std::string_view schema_name = "ringfence-evidence/1";
constexpr std::string_view command = "scan --evidence"; // that makes findings of runs

bool says_unchanging(const ReportedObject &object) {
  return object.writes == WriteClass::never || object.level == Level::constant;
}

// A static type's own kind is no contradiction: that Python writes to it is what its verdict says.
bool saw_change(const Observation &observation) { return std::ranges::count(observation.kinds, "changed") > 0; }

std::string describe(const Observation &observation) {
  return join(observation.kinds, ", ") + " in CPython " + observation.python + ": " + join(observation.scenarios, "; ");
}

Finding contradiction(const Rule &rule, const ReportedObject &object, const Observation &observation) {
  const std::vector<Evidence> evidence = {{object.place, object.subject.function, describe(observation)},
                                          {object.place, object.subject.function, "judged by " + object.rule}};
  return {rule.full_name(), object.subject,
          object.place,     fill(rule.message, naming_of(object.subject, object.name, object.type), evidence),
          rule.advice(""),  rule.risk,
          evidence,         object_fingerprint(rule.code, object.subject, object.kind)};
}

} // namespace

Result<std::vector<Observation>> observations_from_json(std::string_view text) {
  const Result<nlohmann::json> json = parse_json(text);
  if (!json)
    return fail("not an evidence file: " + json.error().message);
  if (!json->is_object() || !json->contains("schema") || (*json)["schema"] != schema_name)
    return fail("not an evidence file of the version " + std::string(schema_name));
  JsonReader reader("not an evidence file");
  const std::string python = reader.text(*json, "python");
  std::vector<Observation> observations;
  const auto objects = json->find("objects");
  if (objects == json->end() || !objects->is_array())
    return fail("not an evidence file: \"objects\" is not a list");
  for (const nlohmann::json &object : *objects)
    if (reader.object(object, "an element of \"objects\""))
      observations.push_back(
          {reader.text(object, "id"), reader.texts(object, "observed"), reader.texts(object, "scenarios"), python});
  return reader.result().map([&] { return std::move(observations); });
}

void add_observations(Report &report, const std::vector<Observation> &observations, const RuleSet &rules) {
  const auto rule = std::ranges::find(rules.checks, command, &Rule::made_by);
  std::size_t unknown = 0;
  for (const Observation &observation : observations) {
    auto object =
        std::ranges::find(report.objects, observation.id, [](const ReportedObject &each) { return each.subject.id(); });
    if (object == report.objects.end()) {
      ++unknown;
      continue;
    }
    object->observed.push_back(describe(observation));
    if (rule != rules.checks.end() && says_unchanging(*object) && saw_change(observation))
      report.findings.push_back(contradiction(*rule, *object, observation));
  }
  if (unknown)
    report.notes.push_back("the evidence names " + count_of(unknown, "object") + " that this scan does not have");
  std::ranges::stable_sort(report.findings, {},
                           [](const Finding &f) { return std::tie(f.place.file, f.place.line, f.rule, f.subject); });
  report.accounting = account(report, report.accounting.uncovered);
}

} // namespace ringfence
