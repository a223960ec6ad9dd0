#include "report/formats/sarif.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/text.h"
#include "report/names.h"
#include "report/uri.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

const char *level_of(Risk risk) {
  return risk == Risk::high ? "error" : risk == Risk::medium ? "warning" : risk == Risk::low ? "note" : "none";
}

Json artifact_of(const std::string &file) { return {{"uri", uri_of(file)}, {"uriBaseId", "SRCROOT"}}; }

Json location_of(const Place &place) {
  Json physical{{"artifactLocation", artifact_of(place.file)}};
  if (place.line > 0) {
    physical["region"] = {{"startLine", place.line}};
    if (place.column > 0)
      physical["region"]["startColumn"] = place.column;
  }
  return {{"physicalLocation", std::move(physical)}};
}

// Each once, as the schema wants it.
Json related_locations(const std::vector<Evidence> &evidence) {
  Json locations = Json::array();
  std::set<std::tuple<Place, std::string>> seen;
  for (const Evidence &piece : evidence) {
    if (!seen.emplace(piece.place, valid_utf8(piece.text)).second)
      continue;
    Json location = location_of(piece.place);
    location["message"] = {{"text", valid_utf8(piece.text)}};
    locations.push_back(std::move(location));
  }
  return locations;
}

// One fix (SARIF 3.55) that edits all declarations of an object at once. An empty region is a place to insert at.
Json const_fix(const std::vector<Place> &places) {
  std::map<std::string, Json> by_file;
  for (const Place &place : places) {
    const auto [change, is_new] = by_file.try_emplace(place.file);
    if (is_new)
      change->second = {{"artifactLocation", artifact_of(place.file)}, {"replacements", Json::array()}};
    change->second["replacements"].push_back({{"deletedRegion",
                                               {{"startLine", place.line},
                                                {"startColumn", place.column},
                                                {"endLine", place.line},
                                                {"endColumn", place.column}}},
                                              {"insertedContent", {{"text", "const "}}}});
  }
  Json changes = Json::array();
  for (auto &[file, change] : by_file)
    changes.push_back(std::move(change));
  return {{"description", {{"text", "Write const: every unit still parses with it."}}},
          {"artifactChanges", std::move(changes)}};
}

// The code alone ("RF103"): the id of a rule in SARIF.
std::string code_of(const std::string &rule) { return rule.substr(0, rule.find(' ')); }

// What a viewer shows of a rule beside its results.
void add_note(const RuleNote &note, Json &rule) {
  rule["fullDescription"] = {{"text", valid_utf8(note.why)}};
  std::string help = note.why;
  if (!note.example.empty())
    help += "\n\nNot so:\n" + note.example;
  if (!note.fix.empty())
    help += "\n\nBut so:\n" + note.fix;
  for (const std::string &reference : note.references)
    help += "\n\n" + reference;
  rule["help"] = {{"text", valid_utf8(help)}};
  if (!note.references.empty())
    rule["helpUri"] = note.references.front();
}

Json rules_of(const std::vector<Problem> &problems, const RuleNotes &notes) {
  std::set<std::string> names;
  for (const Problem &problem : problems)
    names.insert(problem.rule);
  Json rules = Json::array();
  for (const std::string &name : names) {
    const std::string code = code_of(name);
    Json rule{{"id", code}};
    if (name.size() > code.size())
      rule["name"] = name.substr(code.size() + 1);
    if (const auto note = notes.find(name); note != notes.end())
      add_note(note->second, rule);
    rules.push_back(std::move(rule));
  }
  return rules;
}

Json result_of(const Problem &problem, const std::vector<Profile> &profiles,
               const std::map<std::string, std::string> &states,
               const std::map<std::string, std::vector<Place>> &const_places) {
  std::string text = problem.message;
  if (!problem.advice.empty())
    text += (text.empty() ? "" : ". ") + problem.advice;
  Json risk;
  for (const Profile profile : profiles)
    risk[std::string(to_string(profile))] = to_string(risk_of(problem.risk, profile));
  Json location = location_of(problem.place);
  location["logicalLocations"] = Json::array({{{"fullyQualifiedName", valid_utf8(problem.subject.id())}}});
  Json result{{"ruleId", code_of(problem.rule)},
              {"level", level_of(highest_risk(problem.risk, profiles))},
              {"message", {{"text", valid_utf8(text)}}},
              {"locations", Json::array({std::move(location)})},
              {"relatedLocations", related_locations(problem.evidence)},
              {"partialFingerprints", {{"ringfence/1", problem.fingerprint}}},
              {"properties", {{"risk", std::move(risk)}}}};
  if (problem.suppressed)
    result["suppressions"] = Json::array({{{"kind", "inSource"},
                                           {"justification", valid_utf8(problem.suppressed->reason)},
                                           {"location", location_of(problem.suppressed->place)}}});
  if (const auto state = states.find(problem.fingerprint); state != states.end())
    result["baselineState"] = state->second;
  if (const auto places = const_places.find(problem.subject.id());
      places != const_places.end() && problem.verdict == "effectively-constant")
    result["fixes"] = Json::array({const_fix(places->second)});
  return result;
}

// A unit that was not analysed in full is told as a notification of the tool (SARIF 3.58).
Json notifications_of(const Report &report) {
  Json notifications = Json::array();
  for (const ReportedUnit &unit : report.units)
    for (const ReportedDiagnostic &diagnostic : unit.diagnostics)
      notifications.push_back({{"level", diagnostic.severity == Severity::warning ? "warning" : "error"},
                               {"message", {{"text", valid_utf8(diagnostic.message)}}},
                               {"locations", Json::array({location_of(diagnostic.place)})}});
  for (const std::string &file : report.accounting.uncovered)
    notifications.push_back({{"level", "warning"},
                             {"message", {{"text", "no compile unit reads this file: it was not analysed"}}},
                             {"locations", Json::array({location_of({file, 0, 0})})}});
  return notifications;
}

} // namespace

std::string to_sarif(const Report &report, const std::vector<Problem> &problems,
                     const std::map<std::string, std::string> &states,
                     const std::map<std::string, std::vector<Place>> &const_places, const RuleNotes &rules) {
  Json results = Json::array();
  for (const Problem &problem : problems)
    results.push_back(result_of(problem, report.profiles, states, const_places));
  Json run{
      {"tool",
       {{"driver",
         {{"name", "ringfence"}, {"semanticVersion", report.tool_version}, {"rules", rules_of(problems, rules)}}}}},
      {"invocations", Json::array({{{"executionSuccessful", !report.accounting.incomplete()},
                                    {"toolExecutionNotifications", notifications_of(report)}}})},
      {"columnKind", "utf16CodeUnits"},
      {"results", std::move(results)}};
  const Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({std::move(run)})}};
  return escape_json(log.dump(2)) + '\n';
}

} // namespace ringfence
