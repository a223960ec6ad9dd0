// Every fixture says what the analyzer says of it, and every rule fires and stays silent in its own.
#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "classify/rules/rule.h"
#include "classify/rules/wording.h"
#include "report/problem.h"
#include "scan/fixture.h"

namespace ringfence {

namespace {

const std::string root = RINGFENCE_FIXTURES;

std::vector<Fixture> fixtures_of(const std::string &folder) {
  return read_fixtures(root + "/" + folder, DiskFileSystem()).value();
}

Report classified(const Fixture &fixture) {
  static const RuleSet rules = load_rules(built_in_rule_texts()).value();
  return classify_fixture(fixture, rules, {RINGFENCE_PYTHON_INCLUDE, root + "/include"});
}

// A section for each fixture, so that one can be run by its name: extract_tests "fixtures of the rules" -c NAME
void check_fixture(const Fixture &fixture) {
  std::string text;
  for (const std::string &difference : differences(fixture, classified(fixture)))
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
  for (const char *name : {"{name}", "{type}", "{function}", "{because}", "{ways}", "{module}"})
    if (contains(text, name))
      return std::string("unfilled ") + name;
  for (const char *unnamed : {"The PEP ", "the PEP ", "the guide's"})
    if (contains(text, unnamed))
      return std::string("which is ") + unnamed;
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

TEST_CASE("each rule leads to a page, but those on ringfence itself") {
  const std::set<std::string> on_ringfence = {"RF199", "RF901", "RF902", "RF906"};
  for (const RuleSet all = *load_rules(built_in_rule_texts()); const auto *rules : {&all.verdicts, &all.checks})
    for (const Rule &rule : *rules) {
      CAPTURE(rule.code);
      CHECK(rule.references.empty() == on_ringfence.contains(rule.code));
      for (const std::string &reference : rule.references)
        CHECK(reference.starts_with("https://"));
    }
}

// All texts of all rules, for every Python and whosever code it is, with names that a person could have given.
TEST_CASE("what rules can say reads as English") {
  const RuleSet all = *load_rules(built_in_rule_texts());
  const std::vector<Evidence> because{{{"a.c", 1, 1}, "", "the evidence"}};
  for (const auto *rules : {&all.verdicts, &all.checks})
    for (const Rule &rule : *rules) {
      const std::string message = fill(rule.message, {"cache", "PyObject *", "get", "", "pkg"}, because);
      CAPTURE(rule.code, message);
      CHECK(fault_of(message).empty());
      CHECK(fault_of(message + ". " + rule.why).empty());
      for (const Remedy &remedy : rule.remedy) {
        const std::string ways =
            all.ways_text({"module-functions", "methods", "slots", "callbacks", "others"}, remedy.since);
        const std::string advice = fill(remedy.text, {"cache", "PyObject *", "get", ways, "pkg"}, because);
        CAPTURE(advice);
        CHECK(fault_of(message + ". " + advice).empty());
        CHECK_FALSE(contains(advice, "spam")); // an example's name, where the module's own can stand
      }
    }
  for (const auto &[word, meaning] : all.words)
    CHECK(fault_of(word + ": " + meaning).empty());
  CHECK(fault_of("The PEP names this case") == "which is The PEP ");
}

TEST_CASE("what rules say of the fixtures reads as English") {
  for (const RuleSet all = *load_rules(built_in_rule_texts()); const auto *rules : {&all.verdicts, &all.checks})
    for (const Rule &rule : *rules) {
      CAPTURE(rule.code);
      CHECK(fault_of(rule.why).empty());
      for (const Adjustment &adjustment : rule.adjust)
        CHECK(fault_of(adjustment.note).empty());
    }
  CHECK(fault_of("cache is a object-cache") == "a before object-cache");
  CHECK(fault_of("return it from PyInit_{name}") == "unfilled {name}");
  CHECK(fault_of("Move it. Move it") == "a sentence twice");
  CHECK(fault_of("a user reads a unit of {1, 2}").empty());
  for (const Fixture &fixture : fixtures_of("rules")) {
    const Report report = classified(fixture);
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
  static const std::vector<Fixture> fixtures = fixtures_of("rules");
  for (const Fixture &fixture : fixtures)
    DYNAMIC_SECTION(fixture.name) { check_fixture(fixture); }
}

TEST_CASE("fixtures of real cases", "[.][fixtures]") {
  static const std::vector<Fixture> fixtures = fixtures_of("cases");
  for (const Fixture &fixture : fixtures)
    DYNAMIC_SECTION(fixture.name) { check_fixture(fixture); }
}

TEST_CASE("marks are read from comments, and what differs from them is said") {
  const MemoryFileSystem files({{"/t/a.c", "static int x; // expect: lazy RF101, RF301\n"
                                           "// misses@-1: RF302, evidence RF9\n"
                                           "// flags: -DX=1  -DY\n"
                                           "// expected: nothing; wrongly@+2: RF303 // evidence: RF304\n"},
                                {"/t/a.h", "// expect-none\n"},
                                {"/t/b.txt", "// expect: RF1\n"}});
  const std::vector<Fixture> fixtures = read_fixtures("/t", files).value();
  REQUIRE(fixtures.size() == 1);
  const Fixture &fixture = fixtures.front();
  CHECK(fixture.flags == std::vector<std::string>{"-DX=1", "-DY"});
  CHECK(fixture.expects_none);
  std::vector<std::string> marks;
  for (const Fixture::Mark &mark : fixture.marks)
    marks.push_back(std::to_string(mark.line) + " " + mark.verdict + " " + mark.code);
  CHECK(marks ==
        std::vector<std::string>{"1 lazy RF101", "1  RF301", "1  RF302", "1 evidence RF9", "6  RF303", "4  RF304"});
  Report report;
  report.findings.push_back(
      {"RF301 two", {SubjectKind::function, "a.c", "", "f"}, {"a.c", 1, 1}, "", "", {}, {}, "", {}});
  Fixture only = fixture;
  only.expects_none = false;
  only.marks = {fixture.marks[1], fixture.marks[2], fixture.marks[4]};
  CHECK(differences(only, report) == std::vector<std::string>{"a.c:6: is no longer found wrongly: RF303"});
  report.findings[0].rule = "RF302 three";
  CHECK(differences(only, report) ==
        std::vector<std::string>{"a.c:1: expected, but not found: RF301",
                                 "a.c:1: is no longer missed, make it an expectation: RF302",
                                 "a.c:6: is no longer found wrongly: RF303"});
}

TEST_CASE("every rule fires and stays silent in a fixture of its own") {
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  const std::vector<Fixture> fixtures = fixtures_of("rules");
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
