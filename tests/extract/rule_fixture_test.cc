// Every fixture says what the analyzer says of it, and every rule fires and stays silent in its own.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "classify/rule.h"
#include "fixture.h"

namespace ringfence {

namespace {

// A section for each fixture, so that one can be run by its name: extract_tests "fixtures of the rules" -c NAME
void check_fixture(const Fixture &fixture) {
  std::string text;
  for (const std::string &difference : differences(fixture, classify_fixture(fixture)))
    text += "\n" + difference;
  CHECK(text == "");
}

} // namespace

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
    if (rule.applies_to == Subject::unit || !rule.made_by.empty()) // a fixture is read in full, and never run
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
