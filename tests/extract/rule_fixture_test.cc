// Every fixture says what the analyzer says of it, and every rule fires and stays silent in its own.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "classify/rule.h"
#include "fixture.h"
#include "report/problem.h"

namespace ringfence {

namespace {

// A section for each fixture, so that one can be run by its name: extract_tests "fixtures of the rules" -c NAME
void check_fixture(const Fixture &fixture) {
  std::string text;
  for (const std::string &difference : differences(fixture, classify_fixture(fixture)))
    text += "\n" + difference;
  CHECK(text == "");
}

bool is_said_with_a_vowel(std::string_view word) {
  if (word.empty() || starts_with_any(word, {"on", "un", "us", "ut", "eu"})) // a once, a unit, a user, a utility
    return false;
  return std::string_view("aeiou").find(word.front()) != std::string_view::npos;
}

// What is wrong with a text for people; empty where nothing is.
std::string fault_of(const std::string &text) {
  for (const char *name : {"{name}", "{type}", "{function}", "{because}"})
    if (contains(text, name))
      return std::string("unfilled ") + name;
  std::vector<std::string_view> words = split(text, ' ');
  for (std::size_t i = 1; i < words.size(); ++i)
    if ((words[i - 1] == "a" || words[i - 1] == "A") && is_said_with_a_vowel(words[i]))
      return "a before " + std::string(words[i]);
  std::set<std::string_view> sentences;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(". ", from), text.size());
    const std::string_view sentence = std::string_view(text).substr(from, end - from);
    if (!sentences.insert(sentence.substr(0, sentence.find_last_not_of(" .") + 1)).second)
      return "a sentence twice";
    from = end + 2;
  }
  return {};
}

} // namespace

TEST_CASE("what rules say of the fixtures reads as English") {
  CHECK(fault_of("cache is a object-cache") == "a before object-cache");
  CHECK(fault_of("return it from PyInit_{name}") == "unfilled {name}");
  CHECK(fault_of("Move it. Move it") == "a sentence twice");
  CHECK(fault_of("a user reads a unit of {1, 2}").empty());
  for (const Fixture &fixture : read_fixtures("rules")) {
    const Report report = classify_fixture(fixture);
    for (const Problem &problem : problems_of(report, report.profiles, Risk::none)) {
      INFO(fixture.name << ": " << problem.rule << ": " << problem.message << " => " << problem.advice);
      CHECK_FALSE(problem.message.empty());
      CHECK(fault_of(problem.message + ". " + problem.advice).empty());
      for (const Evidence &evidence : problem.evidence)
        CHECK(fault_of(evidence.text).empty());
    }
  }
}

// Hidden: ctest has an entry of its own for each fixture.
TEST_CASE("fixtures of the rules", "[.][fixtures]") {
  static const std::vector<Fixture> fixtures = read_fixtures("rules");
  for (const Fixture &fixture : fixtures)
    DYNAMIC_SECTION(fixture.name) { check_fixture(fixture); }
}

TEST_CASE("fixtures of real cases", "[.][fixtures]") {
  static const std::vector<Fixture> fixtures = read_fixtures("cases");
  for (const Fixture &fixture : fixtures)
    DYNAMIC_SECTION(fixture.name) { check_fixture(fixture); }
}

TEST_CASE("every rule fires and stays silent in a fixture of its own") {
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  const std::vector<Fixture> fixtures = read_fixtures("rules");
  std::vector<Rule> all = rules->verdicts;
  all.insert(all.end(), rules->checks.begin(), rules->checks.end());
  for (const Rule &rule : all) {
    if (rule.verdict == "unclassified") // what falls through all others is a defect of theirs
      continue;
    if (rule.applies_to == SubjectKind::unit || !rule.made_by.empty()) // a fixture is read in full, and never run
      continue;
    bool fires = false, silent = false;
    for (const Fixture &fixture : fixtures) {
      if (!fixture.name.starts_with(rule.code + "-"))
        continue;
      const auto is_own = [&](const Fixture::Mark &mark) {
        return mark.code == rule.code && (mark.kind == Fixture::Mark::Kind::expect);
      };
      const auto own = std::count_if(fixture.marks.begin(), fixture.marks.end(), is_own);
      fires |= own > 0;
      // Another object in the file got another verdict, or a file of the rule is without it.
      silent |= own == 0 || std::any_of(fixture.marks.begin(), fixture.marks.end(),
                                        [&](const Fixture::Mark &mark) { return mark.code != rule.code; });
    }
    INFO(rule.full_name());
    CHECK(fires);
    CHECK(silent);
  }
}

} // namespace ringfence
