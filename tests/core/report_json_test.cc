#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include <nlohmann/json.hpp>

#include "report/json_read.h"
#include "report/json_write.h"
#include "report_fixture.h"

namespace ringfence {

using nlohmann::json;

TEST_CASE("a report survives JSON") {
  Report report = sample_report();
  report.objects[1].suppressed = report.findings[0].suppressed = {"one interpreter only", {"a.c", 6, 1}};
  report.accounting = account(report, report.accounting.uncovered);
  const std::string text = to_json(report);
  const auto back = report_from_json(text);
  REQUIRE(back.has_value());
  CHECK(*back == report);
  CHECK(to_json(*back) == text);
}

TEST_CASE("an empty report is valid JSON and survives") {
  const auto back = report_from_json(to_json(Report{}));
  REQUIRE(back.has_value());
  CHECK(*back == Report{});
}

TEST_CASE("the JSON report has the fields of version 1") {
  const json document = json::parse(to_json(sample_report()));
  CHECK(document["schema"] == "ringfence-report/1");
  CHECK(document["tool"] == json({{"name", "ringfence"}, {"version", "0.1.0"}, {"clang", "19.1.7"}}));
  const json &object = document["objects"][0];
  CHECK(object["function"] == "f");
  CHECK(object["risk"] ==
        json({{"shared-gil", "high"}, {"own-gil", "high"}, {"free-threaded", "medium"}, {"multi-init", "low"}}));
  CHECK(object["writes"]["class"] == "lazy");
  CHECK(object["writes"]["sites"][0]["line"] == 9);
  CHECK(document["objects"][1]["function"].is_null());
  CHECK(document["accounting"]["incomplete"] == true);
}

TEST_CASE("version 1 lists the verdicts of objects at risk among the findings, and memory does not") {
  Report report = sample_report();
  const json document = json::parse(to_json(report));
  REQUIRE(document["findings"].size() == 2);
  const json &verdict = document["findings"][0]; // by place
  CHECK(verdict["subject"] == "a.c:f():cache");
  CHECK(verdict["message"] == "cache keeps something imported: the result of PyImport_ImportModule");
  CHECK(verdict["fingerprint"] == document["objects"][0]["fingerprint"]);
  CHECK(document["accounting"]["findings"] == 2);
  CHECK_FALSE(document["objects"][0].contains("message"));

  report.objects[0].collapsed = true; // a finding on generated code speaks for it
  report.accounting = account(report, {});
  const auto back = report_from_json(to_json(report));
  REQUIRE(back.has_value());
  CHECK(back->objects[0].collapsed);
  CHECK(back->findings == report.findings);
}

TEST_CASE("each entry of a list has a line of its own") {
  const std::string text = to_json(sample_report());
  CHECK(text.find("\n    {\"id\":\"a.c:f():cache\",") != std::string::npos);
  CHECK(text.find("\n    {\"id\":\"a.c:table\",") != std::string::npos);
}

TEST_CASE("only the profiles of the scan have a risk in JSON") {
  Report report = sample_report();
  report.profiles = {Profile::own_gil};
  const json document = json::parse(to_json(report));
  CHECK(document["profiles"] == json({"own-gil"}));
  CHECK(document["objects"][0]["risk"] == json({{"own-gil", "high"}}));
}

TEST_CASE("bytes that are not UTF-8 become U+FFFD in JSON") {
  Report report = sample_report();
  report.objects[0].place.file = "caf\xE9.c";
  report.objects[0].name = "caf\xC3\xA9";
  report.accounting.objects_by_verdict["\xFF"] = 1;
  const json document = json::parse(to_json(report));
  CHECK(document["objects"][0]["file"] == "caf\xEF\xBF\xBD.c");
  CHECK(document["objects"][0]["name"] == "caf\xC3\xA9");
  CHECK(document["accounting"]["objects_by_verdict"].contains("\xEF\xBF\xBD"));
}

TEST_CASE("any text is written to JSON as the library writes it") {
  Report report = sample_report();
  for (const std::string text : {"a \"b\" \\c", "\b\f\n\r\t\x01\x1f", "caf\xC3\xA9", ""}) {
    report.objects[0].advice = text;
    CHECK(to_json(report).find("\"advice\":" + json(text).dump() + ",") != std::string::npos);
  }
}

TEST_CASE("JSON that is printed moves no cursor") {
  Report report = sample_report();
  report.objects[0].advice = "\x7f\xC2\x9b\xE2\x80\xAE";
  const std::string text = to_json(report);
  CHECK(text.find("\"advice\":\"\\u007f\\u009b\\u202e\",") != std::string::npos);
  CHECK(report_from_json(text).value().objects[0].advice == report.objects[0].advice);
}

TEST_CASE("the reader of JSON reports says what is wrong") {
  const auto error = [](const std::string &text) {
    const auto report = report_from_json(text);
    REQUIRE_FALSE(report.has_value());
    return report.error().message;
  };
  CHECK_THAT(error("{"), Catch::Contains("no valid JSON: see line 1, column 2"));
  CHECK_THAT(error("[]"), Catch::Contains("version"));
  CHECK_THAT(error(R"({"schema":"ringfence-report/2"})"), Catch::Contains("version"));
  CHECK_THAT(error(std::string(300000, '[')), Catch::Contains("nests more than 64 levels deep"));
  CHECK_THAT(error(R"({"schema":"ringfence-report/1","schema":"ringfence-report/1"})"),
             Catch::Contains("stands twice"));

  json document = json::parse(to_json(sample_report()));
  document.erase("digest"); // as an older program wrote it
  document["objects"][1].erase("level");
  CHECK_THAT(error(document.dump()), Catch::Contains("objects[1].level: missing"));
  document["objects"][1]["level"] = "galaxy";
  CHECK_THAT(error(document.dump()),
             Catch::Contains("objects[1].level: \"galaxy\" is none of its words; did you mean \"module\"?"));
  document["objects"][1]["level"] = "process";
  document["objects"][0]["line"] = -1;
  CHECK_THAT(error(document.dump()), Catch::Contains("objects[0].line: expected"));
  document["objects"][0]["line"] = 4294967296;
  CHECK_THAT(error(document.dump()), Catch::Contains("objects[0].line: expected"));
  document["objects"][0]["line"] = 1;
  document["profiles"].push_back(document["profiles"][0]);
  CHECK_THAT(error(document.dump()), Catch::Contains("profiles: one stands twice"));
}

TEST_CASE("a damaged JSON report is read or refused, never a crash") {
  const std::string text = to_json(sample_report());
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string damaged = text;
    for (int n = 0; n < 3; ++n)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    (void)report_from_json(damaged);
  }
}

TEST_CASE("a report in which anything before the digest was changed, doubled or moved is refused") {
  Report report = sample_report();
  const std::string text = to_json(report);
  const auto refused = [](const std::string &changed) {
    const auto read = report_from_json(changed);
    return !read && read.error().message.starts_with("the report was changed after it was written");
  };
  CHECK(report_from_json(text));
  CHECK(refused(json::parse(text).dump()));
  const std::size_t digest = text.find("\"digest\"");
  std::size_t unnoticed = 0;
  for (std::size_t at = 0; at < digest; ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    unnoticed += report_from_json(damaged).has_value();
  }
  CHECK(unnoticed == 0);
  std::string doubled = text;
  const std::size_t first = text.find("\n    {", text.find("\"objects\"")), second = text.find("\n    {", first + 1);
  doubled.insert(second, text.substr(first, second - first));
  CHECK(refused(doubled));
}

TEST_CASE("a report whose sums agree reconciles") {
  Report report = sample_report();
  CHECK(reconcile(report).empty());
  report.objects.pop_back();
  CHECK_FALSE(reconcile(report).empty());
  report = sample_report();
  ++report.accounting.units_by_status["complete"];
  CHECK_FALSE(reconcile(report).empty());
}

TEST_CASE("a report is incomplete where a unit failed, was partial or a file is uncovered") {
  Accounting sums;
  sums.units_by_status = {{"complete", 3}};
  CHECK_FALSE(sums.incomplete());
  sums.uncovered = {"x.c"};
  CHECK(sums.incomplete());
  sums.uncovered.clear();
  sums.units_by_status["partial"] = 1;
  CHECK(sums.incomplete());
  sums.units_by_status = {{"failed", 1}};
  CHECK(sums.incomplete());
}

TEST_CASE("a word that an enumeration does not have is refused with the nearest that it has") {
  json document = json::parse(to_json(sample_report()));
  document.erase("digest"); // as an older program wrote it
  std::string text = document.dump();
  const std::string right = "\"class\":\"lazy\"";
  REQUIRE(text.find(right) != std::string::npos);
  text.replace(text.find(right), right.size(), "\"class\":\"lasy\"");
  CHECK(report_from_json(text).error().message ==
        "the report cannot be read: objects[0].writes.class: \"lasy\" is none of its words; did you mean \"lazy\"?");
}

TEST_CASE("names and enumerators agree") {
  for (const Profile profile : all_profiles)
    CHECK(from_word<Profile>(to_string(profile)) == profile);
  CHECK(to_string(Storage::compound_literal) == "compound-literal");
  CHECK(to_string(Protection::thread_local_storage) == "thread-local");
  CHECK(from_word<ClaimVerdict>("false") == ClaimVerdict::refuted);
  CHECK(from_word<CodeOrigin>("") == CodeOrigin::project);
  CHECK_FALSE(from_word<Profile>("own_gil"));
  CHECK(highest_risk({Risk::low, Risk::high, Risk::none, Risk::medium}, {Profile::shared_gil, Profile::multi_init}) ==
        Risk::medium);
}

} // namespace ringfence
