// Evidence of runs merged into a report: what was seen stands at the object, a contradiction is a finding.
#include <catch2/catch.hpp>

#include "classify/observations.h"
#include "report/accounting.h"
#include "report_fixture.h"

namespace ringfence {
namespace {

constexpr const char *text = R"({"schema": "ringfence-evidence/1", "python": "3.12.1", "scenarios": [], "objects": [
  {"id": "a.c:f():cache", "observed": ["changed", "shared-object"], "scenarios": ["shared GIL, one after another"]},
  {"id": "a.c:table", "observed": ["changed"], "scenarios": ["alone"]},
  {"id": "b.c:gone", "observed": ["changed"], "scenarios": ["alone"]}]})";

RuleSet built_in_rules() { return load_rules(built_in_rule_texts()).value(); }

TEST_CASE("observations stand at their objects") {
  Report report = sample_report();
  report.objects[0].observed.clear();
  std::size_t findings = report.findings.size();
  add_observations(report, observations_from_json(text).value(), built_in_rules());

  CHECK(report.objects[0].observed ==
        std::vector<std::string>{"changed, shared-object in CPython 3.12.1: shared GIL, one after another"});
  REQUIRE(report.findings.size() == findings + 1);
  auto wrong = std::find_if(report.findings.begin(), report.findings.end(),
                            [](const Finding &f) { return f.rule == "RF906 contradicted-verdict"; });
  REQUIRE(wrong != report.findings.end());
  CHECK(wrong->subject.id() == "a.c:table");
  CHECK(wrong->message.find("changed in CPython 3.12.1: alone") != std::string::npos);
  CHECK(risk_of(wrong->risk, Profile::own_gil) == Risk::high);
  CHECK(report.notes.back() == "the evidence names 1 object that this scan does not have");
  CHECK(reconcile(report).empty());
}

TEST_CASE("an object of another kind than 'changed' contradicts nothing") {
  Report report = sample_report();
  std::size_t findings = report.findings.size();
  add_observations(report, {{"a.c:table", {"shared-object"}, {"alone"}, "3.12.1"}}, built_in_rules());
  CHECK(report.findings.size() == findings);
}

TEST_CASE("what is wrong with evidence is said in words") {
  const auto error = [](const std::string &bad) { return observations_from_json(bad).error().message; };
  const std::string head = R"({"schema": "ringfence-evidence/1", "python": "3", "objects": [)";
  CHECK(error(head + R"({"id": 1}]})") == "not an evidence file: \"id\" is not a text");
  CHECK(error(head + R"({"id": "a", "observed": "changed"}]})") == "not an evidence file: \"observed\" is not a list");
  CHECK(error(head + "3]}") == "not an evidence file: an element of \"objects\" is not a JSON object");
  CHECK(error(head) == "not an evidence file: it is no valid JSON: see line 1, column 63");
  CHECK(error(head + std::string(300'000, '[')) == "not an evidence file: it nests more than 64 levels deep");
}

TEST_CASE("what is no evidence is an error") {
  for (const char *bad :
       {"", "[]", "{}", R"({"schema": "ringfence-evidence/2"})", R"({"schema": "ringfence-evidence/1"})",
        R"({"schema": "ringfence-evidence/1", "python": 3, "objects": [{"id": "a"}]})",
        R"({"schema": "ringfence-evidence/1", "python": "3", "objects": [{"id": "a", "observed": 1}]})"})
    CHECK_FALSE(observations_from_json(bad).has_value());
}

} // namespace
} // namespace ringfence
