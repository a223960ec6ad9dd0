#include "gate/render.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/printable.h"
#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson to_json(const Problem &problem, const std::vector<Profile> &profiles) {
  OrderedJson risk = OrderedJson::object();
  for (const Profile profile : profiles)
    risk[std::string(to_string(profile))] = to_string(risk_of(problem.risk, profile));
  OrderedJson json{{"subject", valid_utf8(problem.subject.id())},
                   {"rule", problem.rule},
                   {"file", valid_utf8(problem.place.file)},
                   {"line", problem.place.line},
                   {"column", problem.place.column},
                   {"message", valid_utf8(problem.message)},
                   {"advice", valid_utf8(problem.advice)},
                   {"risk", std::move(risk)},
                   {"fingerprint", problem.fingerprint}};
  for (const Evidence &piece : problem.evidence)
    json["evidence"].push_back(
        {{"file", valid_utf8(piece.place.file)}, {"line", piece.place.line}, {"text", valid_utf8(piece.text)}});
  if (!problem.verdict.empty())
    json["verdict"] = problem.verdict;
  if (problem.suppressed)
    json["suppressed"] = {{"reason", valid_utf8(problem.suppressed->reason)},
                          {"file", valid_utf8(problem.suppressed->place.file)},
                          {"line", problem.suppressed->place.line}};
  return json;
}

OrderedJson to_json(const BaselineRow &row) {
  return {{"subject", valid_utf8(row.subject)},
          {"rule", row.rule},
          {"fingerprint", row.fingerprint},
          {"reason", valid_utf8(row.reason)}};
}

OrderedJson to_json(const std::vector<Problem> &problems, const std::vector<Profile> &profiles) {
  OrderedJson list = OrderedJson::array();
  for (const Problem &problem : problems)
    list.push_back(to_json(problem, profiles));
  return list;
}

OrderedJson to_json(const std::vector<BaselineRow> &rows) {
  OrderedJson list = OrderedJson::array();
  for (const BaselineRow &row : rows)
    list.push_back(to_json(row));
  return list;
}

std::string place_of(const Place &place) { return escape_terminal(place.file) + ":" + std::to_string(place.line); }

// What to type to accept one entry: a comment where it stands in a file of the tree, and a row of the baseline.
std::string acceptance_text(const Problem &problem, const std::string &update) {
  std::vector<std::string> ways;
  if (problem.place.line > 0 && !problem.place.file.starts_with('<'))
    ways.push_back("write above that line  // ringfence: allow " + problem.rule.substr(0, problem.rule.find(' ')) +
                   " WHY");
  if (!update.empty())
    ways.push_back(update + " --add --only " + shell_quoted(problem.subject.id()) + " --reason WHY");
  for (std::string &way : ways)
    way = escape_terminal(way);
  return ways.empty() ? "" : "    to accept: " + join(ways, "\n           or: ") + '\n';
}

std::string introduced_text(const Problem &problem, const std::vector<Profile> &profiles, const std::string &update) {
  std::string text = place_of(problem.place) + ": " + std::string(to_string(highest_risk(problem.risk, profiles))) +
                     " risk: " + escape_terminal(problem.message) + " [" + problem.rule + "]\n";
  for (const Evidence &piece : problem.evidence)
    text += "    " + place_of(piece.place) + ": " + escape_terminal(piece.text) + '\n';
  if (!problem.advice.empty())
    text += "    do: " + escape_terminal(problem.advice) + '\n';
  return text + acceptance_text(problem, update);
}

std::string rows_text(const std::vector<BaselineRow> &rows, const std::string &what) {
  constexpr std::size_t shown = 20; // the JSON form has all
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, rows.size()); ++i)
    text += what + ": " + escape_terminal(rows[i].subject) +
            (rows[i].rule.empty() ? "" : " [" + escape_terminal(rows[i].rule) + "]") + '\n';
  if (rows.size() > shown)
    text += what + ": " + std::to_string(rows.size() - shown) + " more, named by --format json\n";
  return text;
}

} // namespace

std::string comparison_to_json(const Comparison &comparison, const std::vector<Profile> &profiles) {
  OrderedJson moved = OrderedJson::array();
  for (const MovedProblem &pair : comparison.moved)
    moved.push_back({{"from", to_json(pair.from)}, {"to", to_json(pair.to, profiles)}});
  const OrderedJson json{{"introduced", to_json(comparison.introduced, profiles)},
                         {"fixed", to_json(comparison.fixed)},
                         {"preexisting", to_json(comparison.preexisting, profiles)},
                         {"moved", std::move(moved)},
                         {"stale", to_json(comparison.stale)},
                         {"unseen", to_json(comparison.unseen)},
                         {"expired", to_json(comparison.expired)},
                         {"reasonless", to_json(comparison.reasonless)},
                         {"suppressed", to_json(comparison.suppressed, profiles)},
                         {"unused_suppressions", to_json(comparison.unused_suppressions, profiles)}};
  return escape_json(json.dump(2)) + '\n';
}

std::string comparison_to_text(const Comparison &comparison, const std::vector<Profile> &profiles,
                               const std::string &update) {
  std::string text;
  for (const Problem &problem : comparison.introduced)
    text += introduced_text(problem, profiles, update);
  text += rows_text(comparison.expired, "expired row");
  text += rows_text(comparison.reasonless, "row without a reason");
  text += rows_text(comparison.stale, "stale row");
  for (const MovedProblem &pair : comparison.moved)
    text += "moved: " + escape_terminal(pair.from.subject) + " is now " + escape_terminal(pair.to.subject.id()) + '\n';
  for (const Problem &problem : comparison.suppressed)
    text += "suppressed: " + suppressed_line(problem) + '\n';
  for (const Problem &problem : comparison.unused_suppressions)
    text += place_of(problem.place) + ": " + escape_terminal(problem.message) + '\n';

  std::vector<std::string> counts;
  const auto count = [&](const auto &entries, const char *what) {
    counts.push_back(std::to_string(entries.size()) + " " + what);
  };
  count(comparison.introduced, "introduced");
  count(comparison.fixed, "fixed");
  count(comparison.preexisting, "preexisting");
  count(comparison.moved, "moved");
  count(comparison.stale, "stale");
  count(comparison.suppressed, "suppressed");
  if (!comparison.unseen.empty())
    count(comparison.unseen, "of other platforms or files not analysed");
  text += join(counts, ", ") + '\n';
  if (!comparison.stale.empty())
    text += "a stale row accepts what this run did not find: it does no harm, and only --strict fails on it\n";
  if (update.empty())
    return text;
  const std::string command = escape_terminal(update);
  if (!comparison.introduced.empty())
    text += "accept all of them with: " + command + " --add --reason WHY\n";
  if (!comparison.stale.empty() || !comparison.fixed.empty() || !comparison.moved.empty())
    text += "drop what is gone with: " + command + " --prune\n";
  return text;
}

} // namespace ringfence
