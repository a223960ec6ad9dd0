#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "report/by_module.h"
#include "report/formats/formats.h"
#include "report/formats/github.h"
#include "report/formats/gitlab.h"
#include "report/formats/junit.h"
#include "report/formats/markdown.h"
#include "report/formats/sarif.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

const std::vector<Profile> profiles = {Profile::shared_gil, Profile::own_gil};

// One object with a hostile name, one unit that failed.
Report hostile_report() {
  Report report;
  report.profiles = profiles;
  report.units.push_back({"bad.c",
                          "",
                          UnitStatus::failed,
                          UnitOrigin::database,
                          {{{"bad.c", 1, 2}, Severity::error, "unknown type <x>"}}});
  ReportedObject object;
  object.subject = subject_parts("dir with space/a%.c:f():x");
  object.name = "x";
  object.place = {"dir with space/a%.c", 3, 7};
  object.type = "PyObject *";
  object.verdict = "object-cache";
  object.rule = "RF103 cached-import";
  object.message = "x keeps something imported: result of PyImport_ImportModule";
  object.writes = WriteClass::lazy;
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
  CHECK(found[0].message == "x keeps something imported: result of PyImport_ImportModule"); // the rule's own
}

TEST_CASE("a finding on generated code speaks for its objects as long as it is in the report") {
  Report report = hostile_report();
  report.objects[0].generated_by = "cython";
  report.objects[0].collapsed = true;
  CHECK(problems(report).size() == 1);
  Finding finding;
  finding.rule = report.objects[0].rule;
  finding.subject = subject_parts("<cython>/cached-import");
  finding.risk = report.objects[0].risk;
  report.findings.push_back(finding);
  REQUIRE(problems(report).size() == 1);
  CHECK(problems(report)[0].subject.id() == "<cython>/cached-import");
}

TEST_CASE("what the source allows is left out of the problems and marked in the formats that can say so") {
  Report report = hostile_report();
  report.objects[0].suppressed = {"one | interpreter", {"a%.c", 2, 1}};
  CHECK(problems(report).empty());
  const std::vector<Problem> suppressed = suppressed_of(report, report.profiles, Risk::low);
  REQUIRE(suppressed.size() == 1);
  const auto log = nlohmann::json::parse(to_sarif(report, suppressed, {}));
  CHECK(log["runs"][0]["results"][0]["suppressions"][0]["kind"] == "inSource");
  CHECK(log["runs"][0]["results"][0]["suppressions"][0]["justification"] == "one | interpreter");
  CHECK_THAT(to_junit(report, suppressed), Catch::Contains("<skipped>one | interpreter</skipped>"));
  CHECK_THAT(to_markdown(report, suppressed),
             Catch::Contains("0 problems, 1 suppressed") && Catch::Contains("one \\| interpreter"));
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

TEST_CASE("SARIF lists each related location once") {
  Report report = hostile_report();
  report.objects[0].evidence.push_back({{"a%.c", 4, 3}, "other", "result of PyImport_ImportModule"});
  report.objects[0].evidence.push_back({{"a%.c", 5, 3}, "f", "result of PyImport_ImportModule"});
  const auto log = nlohmann::json::parse(to_sarif(report, problems(report), {}));
  CHECK(log["runs"][0]["results"][0]["relatedLocations"].size() == 2);
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
  CHECK_THAT(text, Catch::Contains("<testsuite name=\"global state\" tests=\"1\" failures=\"1\" skipped=\"0\">"));
  CHECK_THAT(text, Catch::Contains("unknown type &lt;x"));
}

TEST_CASE("Markdown tables keep what comes from sources as text") {
  Report report = hostile_report();
  report.objects[0].advice = "<script>|`x`";
  const std::string text = to_markdown(report, problems(report));
  CHECK_THAT(text, Catch::Contains("&lt;script>\\|\\`x\\`"));
  CHECK_THAT(text, Catch::Contains("incomplete"));
}

TEST_CASE("a Markdown report stays within what a tracker takes, shows the worst, and counts the rest") {
  Report report = hostile_report();
  ReportedModule module;
  for (int i = 0; i < 2000; ++i) {
    ReportedObject object = report.objects[0];
    object.fingerprint = std::to_string(i);
    object.risk = {i == 1999 ? Risk::high : Risk::low, Risk::none, Risk::none, Risk::none};
    object.module = "m" + std::to_string(i);
    object.subject.name += std::to_string(i);
    report.objects.push_back(object);
    module.name = object.module;
    report.modules.push_back(module);
  }
  const std::string text = to_markdown(report, problems(report));
  CHECK(text.size() < 65536);
  CHECK_THAT(text, Catch::Contains("():x1999 | RF103 cached-import | high"));
  CHECK_THAT(text, Catch::Contains("modules: m0, m1, m2, ") &&
                       Catch::Contains(" more | 1 high, 1999 low | init not read | nothing |"));
  CHECK_THAT(text, Catch::Contains(" more: the JSON report has all.\n"));
}

TEST_CASE("a SARIF fix edits every declaration of an object") {
  Report report = hostile_report();
  report.objects[0].verdict = "effectively-constant";
  const std::string id = report.objects[0].subject.id();
  const auto log = nlohmann::json::parse(
      to_sarif(report, problems(report), {}, {{id, {{"a.c", 3, 8}, {"b.h", 1, 8}, {"a.c", 9, 1}}}, {"other", {}}}));
  const auto &changes = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"];
  REQUIRE(changes.size() == 2);
  CHECK(changes[0]["artifactLocation"]["uri"] == "a.c");
  REQUIRE(changes[0]["replacements"].size() == 2);
  CHECK(changes[0]["replacements"][0]["insertedContent"]["text"] == "const ");
  CHECK(changes[0]["replacements"][0]["deletedRegion"] ==
        nlohmann::json{{"startLine", 3}, {"startColumn", 8}, {"endLine", 3}, {"endColumn", 8}});
}

TEST_CASE("a problem belongs to its object's module, its own module, or the only one of its file") {
  Report report = hostile_report();
  report.objects[0].module = "m";
  ReportedModule module;
  module.name = "n";
  module.place.file = "n.c";
  report.modules.push_back(module);
  const ModuleNames names(report);
  Problem problem;
  problem.subject = report.objects[0].subject;
  CHECK(names.of(problem) == "m");
  problem.subject = subject_parts("n.c:n");
  CHECK(names.of(problem) == "n");
  problem.subject = subject_parts("n.c:f():call");
  CHECK(names.of(problem) == "");
  problem.place.file = "n.c";
  CHECK(names.of(problem) == "n");
  report.objects[0].place.file = "n.c"; // of m: two modules share the file
  CHECK(ModuleNames(report).of(problem) == "");
}

TEST_CASE("each format is one row of the table") {
  std::vector<std::string_view> names, of_comparisons;
  const Report report = hostile_report();
  for (const OutputFormat &format : output_formats()) {
    names.push_back(format.name);
    if (format.shows != Shows::report)
      of_comparisons.push_back(format.name);
    INFO(format.name);
    CHECK_FALSE(format.render({report, problems(report), {}}).empty());
    CHECK(&output_format(format.name) == &format);
  }
  CHECK(names == std::vector<std::string_view>{"text", "gcc", "json", "tsv", "csv", "html", "sarif", "github", "gitlab",
                                               "junit", "markdown"});
  CHECK(of_comparisons == std::vector<std::string_view>{"sarif", "github", "gitlab", "junit", "markdown"});
}

} // namespace ringfence
