// Rules as data: what a rule file (rules/RFnnn-name.json, checked against rules/rule.schema.json's terms) says.
//
// A verdict rule speaks of objects and is tried in order of its rank: the first whose condition holds gives the object
// its one verdict. A check rule has no rank; it adds a finding for every subject of its kind for which its condition
// holds. What only a run can show has a rule, too, with the command that finds it in place of a condition.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "knowledge/knowledge.h"
#include "report/report.h"

namespace ringfence {

struct Predicate; // classify/predicates/predicate.h

// A boolean tree over predicates. In JSON: "name", {"name": "word"}, {"name": ["word", ...]}, {"all": [...]}, {"any":
// [...]}, {"not": ...}.
struct Condition {
  enum class Kind { all, any, negation, predicate };
  Kind kind = Kind::all;
  std::vector<Condition> children; // one for negation, none for predicate
  const Predicate *predicate = nullptr;
  std::vector<std::string> arguments; // words of the predicate: it holds where it holds for any of them
};

// Advice that holds from one Python version on.
struct Remedy {
  std::string since; // "3.9"
  std::string text;
  std::string whose =
      {}; // "core": for CPython's own code; "foreign-argument": for what another library fills; else for all
};

// Moves risks away from the rule's defaults where its condition holds, and says why.
struct Adjustment {
  Condition when;
  std::map<Profile, Risk> risk;
  std::string note;
};

struct Rule {
  std::string code, name; // "RF103", "cached-import"
  SubjectKind applies_to = SubjectKind::object;
  int rank = 0; // verdict rules: tried in ascending order; 0 for checks
  Condition when;
  std::string made_by; // the command that finds it, where no condition on the source can: "scan --evidence"; else empty
  std::string verdict, kind; // verdict rules only
  Level level = Level::process;
  Risks risk{};
  std::vector<Adjustment> adjust; // all that hold are applied, in order
  std::string message;        // {name}, {type}, {function}, {because}: filled from the subject and its first evidence
  std::vector<Remedy> remedy; // by `since`, ascending
  std::string why;
  std::string example, fix; // source text
  std::vector<std::string> references;
  std::string file; // where it was read from

  bool is_verdict() const { return rank != 0; }
  std::string full_name() const { return code + " " + name; }
  // The advice for a project that must run on `min_python`; empty string: on 3.9. `whose`: as in Remedy, where there
  // is some for that.
  std::string advice(std::string_view min_python, std::string_view whose = {}) const;
};

struct RuleSet {
  std::vector<Rule> verdicts; // by rank
  std::vector<Rule> checks;   // by code
  Knowledge tables;
  std::map<std::string, std::vector<Remedy>, std::less<>>
      ways;                                              // to module state (index/state_ways.h): what {ways} says
  std::map<std::string, std::string, std::less<>> words; // that rules take for known, and their meanings

  // "methods read it through ...; slots ..."
  std::string ways_text(const std::vector<std::string_view> &words, std::string_view min_python) const;

  // By code or by name; null where there is none.
  const Rule *find(std::string_view code_or_name) const;
  // The code or name that is spelled most like this one.
  std::string nearest(std::string_view code_or_name) const;
};

// One JSON file, as read.
struct RuleText {
  std::string file; // for messages; a name that contains "tables/" is a table
  std::string text;
};

// The files embedded in the program at build time.
std::vector<RuleText> built_in_rule_texts();
// The JSON files of a folder and of its sub-folder `tables`.
Result<std::vector<RuleText>> read_rule_texts(const std::string &folder, const FileSystem &files);

// Parses and validates; a later rule with the same code replaces an earlier one. The error names the file, the key and
// the nearest known spelling.
Result<RuleSet> load_rules(const std::vector<RuleText> &texts);
// The built-in rules and, where a folder is given, those that it adds or overrides.
Result<RuleSet> load_rules(const std::string &folder, const FileSystem &files);

// `a` < `b` as Python versions: "3.9" before "3.12".
bool version_less(std::string_view a, std::string_view b);

} // namespace ringfence
