#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "report/ci_formats.h"
#include "report/sarif.h"

namespace ringfence {
namespace {

const std::vector<Profile> profiles = {Profile::shared_gil, Profile::own_gil};

// One object with a hostile name, one unit that failed.
Report hostile_report() {
  Report report;
  report.profiles = profiles;
  report.units.push_back({"bad.c", "", "failed", "database", {{{"bad.c", 1, 2}, "error", "unknown type <x>"}}});
  ReportedObject object;
  object.id = "dir with space/a%.c:f():x";
  object.name = "x";
  object.function = "f";
  object.place = {"dir with space/a%.c", 3, 7};
  object.type = "PyObject *";
  object.verdict = "object-cache";
  object.rule = "RF103 cached-import";
  object.writes = "lazy";
  object.fingerprint = "0123";
  object.advice = "keep it\nin <module> | state";
  object.risk = {Risk::medium, Risk::high, Risk::none, Risk::none};
  object.evidence = {{{"a%.c", 4, 3}, "f", "result of PyImport_ImportModule"}};
  report.objects.push_back(object);
  report.accounting.units_by_status = {{"failed", 1}};
  return report;
}

std::vector<Problem> problems(const Report &report) { return problems_of(report, report.profiles, Risk::low); }

} // namespace

TEST_CASE("problems are what reaches the bar, once for each fingerprint") {
  Report report = hostile_report();
  CHECK(problems_of(report, {Profile::shared_gil}, Risk::high).empty());
  report.objects.push_back(report.objects[0]);
  const std::vector<Problem> found = problems(report);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message ==
        "object-cache: 'x' (PyObject *) in f(), written at first use; result of PyImport_ImportModule");
}

TEST_CASE("SARIF names the rule, the place, the evidence and the fingerprint") {
  const Report report = hostile_report();
  const auto log = nlohmann::json::parse(to_sarif(report, problems(report), {{"0123", "new"}}));
  const auto &run = log["runs"][0];
  const auto &result = run["results"][0];
  CHECK(run["tool"]["driver"]["rules"][0] == nlohmann::json{{"id", "RF103"}, {"name", "cached-import"}});
  CHECK(result["ruleId"] == "RF103");
  CHECK(result["level"] == "error");
  CHECK(result["baselineState"] == "new");
  CHECK(result["partialFingerprints"]["ringfence/1"] == "0123");
  const auto &place = result["locations"][0]["physicalLocation"];
  CHECK(place["artifactLocation"]["uri"] == "dir%20with%20space/a%25.c");
  CHECK(place["region"] == nlohmann::json{{"startLine", 3}, {"startColumn", 7}});
  CHECK(result["relatedLocations"][0]["message"]["text"] == "result of PyImport_ImportModule");
  CHECK(run["invocations"][0]["executionSuccessful"] == false);
  CHECK(run["invocations"][0]["toolExecutionNotifications"][0]["level"] == "error");
}

TEST_CASE("GitHub annotations stay on one line and encode what would end them") {
  const Report report = hostile_report();
  const std::string text = to_github(problems(report), profiles);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK_THAT(text, Catch::StartsWith("::error file=dir with space/a%25.c,line=3,title=RF103 cached-import::"));
  CHECK_THAT(text, Catch::Contains("keep it%0Ain <module>"));
}

TEST_CASE("GitLab issues carry the five fields that its documentation requires") {
  const auto issues = nlohmann::json::parse(to_gitlab(problems(hostile_report()), profiles));
  REQUIRE(issues.size() == 1);
  CHECK(issues[0]["check_name"] == "RF103 cached-import");
  CHECK(issues[0]["severity"] == "critical");
  CHECK(issues[0]["fingerprint"] == "0123");
  CHECK(issues[0]["location"]["path"] == "dir with space/a%.c");
  CHECK(issues[0]["location"]["lines"]["begin"] == 3);
}

TEST_CASE("JUnit has a failed test for each problem and each unit that was not analysed in full") {
  const Report report = hostile_report();
  const std::string text = to_junit(report, problems(report));
  CHECK_THAT(text, Catch::Contains("<testsuite name=\"units\" tests=\"1\" failures=\"1\">"));
  CHECK_THAT(text, Catch::Contains("<testsuite name=\"global state\" tests=\"1\" failures=\"1\">"));
  CHECK_THAT(text, Catch::Contains("unknown type &lt;x"));
}

TEST_CASE("Markdown tables keep what comes from sources as text") {
  Report report = hostile_report();
  report.objects[0].advice = "<script>|`x`";
  const std::string text = to_markdown(report, problems(report));
  CHECK_THAT(text, Catch::Contains("&lt;script>\\|\\`x\\`"));
  CHECK_THAT(text, Catch::Contains("incomplete"));
}

} // namespace ringfence
