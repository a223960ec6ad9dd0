#include "gate/render.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Problem &problem, const std::vector<Profile> &profiles) {
  Json risk = Json::object();
  for (const Profile profile : profiles)
    risk[std::string(to_string(profile))] = to_string(risk_of(problem.risk, profile));
  Json json{{"subject", valid_utf8(problem.subject)}, {"rule", problem.rule},
            {"file", valid_utf8(problem.place.file)}, {"line", problem.place.line},
            {"column", problem.place.column},         {"message", valid_utf8(problem.message)},
            {"advice", valid_utf8(problem.advice)},   {"risk", std::move(risk)},
            {"fingerprint", problem.fingerprint}};
  if (!problem.verdict.empty())
    json["verdict"] = problem.verdict;
  return json;
}

Json to_json(const BaselineRow &row) {
  return {{"subject", valid_utf8(row.subject)},
          {"rule", row.rule},
          {"fingerprint", row.fingerprint},
          {"reason", valid_utf8(row.reason)}};
}

Json to_json(const std::vector<Problem> &problems, const std::vector<Profile> &profiles) {
  Json list = Json::array();
  for (const Problem &problem : problems)
    list.push_back(to_json(problem, profiles));
  return list;
}

Json to_json(const std::vector<BaselineRow> &rows) {
  Json list = Json::array();
  for (const BaselineRow &row : rows)
    list.push_back(to_json(row));
  return list;
}

std::string place_of(const Place &place) { return escape_terminal(place.file) + ":" + std::to_string(place.line); }

std::string introduced_text(const Problem &problem, const std::vector<Profile> &profiles) {
  std::string text = place_of(problem.place) + ": " + std::string(to_string(highest_risk(problem.risk, profiles))) +
                     " risk: " + escape_terminal(problem.message) + " [" + problem.rule + "]\n";
  for (const Evidence &piece : problem.evidence)
    text += "    " + place_of(piece.place) + ": " + escape_terminal(piece.text) + '\n';
  if (!problem.advice.empty())
    text += "    do: " + escape_terminal(problem.advice) + '\n';
  return text;
}

std::string rows_text(const std::vector<BaselineRow> &rows, const std::string &what) {
  std::string text;
  for (const BaselineRow &row : rows)
    text += what + ": " + escape_terminal(row.subject) + " [" + escape_terminal(row.rule) + "]\n";
  return text;
}

} // namespace

std::string comparison_to_json(const Comparison &comparison, const std::vector<Profile> &profiles) {
  Json moved = Json::array();
  for (const Moved &pair : comparison.moved)
    moved.push_back({{"from", to_json(pair.from)}, {"to", to_json(pair.to, profiles)}});
  const Json json{{"introduced", to_json(comparison.introduced, profiles)},
                  {"fixed", to_json(comparison.fixed)},
                  {"preexisting", to_json(comparison.preexisting, profiles)},
                  {"moved", std::move(moved)},
                  {"stale", to_json(comparison.stale)},
                  {"expired", to_json(comparison.expired)},
                  {"reasonless", to_json(comparison.reasonless)}};
  return json.dump(2) + '\n';
}

std::string comparison_to_text(const Comparison &comparison, const std::vector<Profile> &profiles,
                               const std::string &baseline) {
  std::string text;
  for (const Problem &problem : comparison.introduced)
    text += introduced_text(problem, profiles);
  text += rows_text(comparison.expired, "expired row");
  text += rows_text(comparison.reasonless, "row without a reason");
  text += rows_text(comparison.stale, "stale row");
  for (const Moved &pair : comparison.moved)
    text += "moved: " + escape_terminal(pair.from.subject) + " is now " + escape_terminal(pair.to.subject) + '\n';

  text += std::to_string(comparison.introduced.size()) + " introduced, " + std::to_string(comparison.fixed.size()) +
          " fixed, " + std::to_string(comparison.preexisting.size()) + " preexisting, " +
          std::to_string(comparison.moved.size()) + " moved, " + std::to_string(comparison.stale.size()) + " stale\n";
  if (baseline.empty())
    return text;
  const std::string file = escape_terminal(baseline);
  if (!comparison.introduced.empty())
    text += "accept all of them with: ringfence baseline update --baseline " + file + " --add --reason WHY\n";
  if (!comparison.stale.empty() || !comparison.fixed.empty() || !comparison.moved.empty())
    text += "drop what is gone with: ringfence baseline update --baseline " + file + " --prune\n";
  return text;
}

} // namespace ringfence
