#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "report/formats/html.h"
#include "report/formats/html_page.h"
#include "report_fixture.h"

namespace ringfence {
namespace {

// The page's text of its data, escapes and all.
std::string data_text(const std::string &page) {
  REQUIRE(page.starts_with(html_before_data));
  REQUIRE(page.ends_with(html_after_data));
  return page.substr(html_before_data.size(), page.size() - html_before_data.size() - html_after_data.size());
}

nlohmann::json data_of(const std::string &page) { return nlohmann::json::parse(data_text(page)); }

} // namespace

TEST_CASE("the page's data has every object and finding, and the lines of source around them") {
  const MemoryFileSystem files(std::map<std::string, std::string>{
      {"/t/a.c", "1\n2\n3\n4\n5\n6\nstatic PyObject *cache;\r\n8\n\tcache = make();\n10\n"}, {"/secret", "secret\n"}});
  HtmlOptions options;
  options.files = &files;
  options.folders.root = "/t";
  Report report = sample_report();
  report.objects[1].place.file = "../secret";
  const auto data = data_of(to_html(report, options));
  REQUIRE(data["entries"].size() == 3);
  const auto &cache = data["entries"][0];
  CHECK(cache["key"] == "a.c:f():cache");
  CHECK(cache["place"] == nlohmann::json{"a.c", 7, 20});
  CHECK(cache["risk"] == nlohmann::json{3, 3, 2, 1});
  CHECK(cache["sites"][0]["place"] == nlohmann::json{"a.c", 9, 5});
  CHECK(cache["evidence"].empty()); // its one piece is the write
  CHECK(data["entries"][2]["key"] == "0123456789abcdef0123456789abcdef");
  CHECK(data["sources"]["a.c"]["7"] == "static PyObject *cache;");
  CHECK(data["sources"]["a.c"]["9"] == "        cache = make();");
  CHECK(!data["sources"]["a.c"].contains("1"));
  CHECK(!data["sources"].contains("../secret"));
  CHECK(data["modules"][0]["verified"]["own-gil"]["objects"] == nlohmann::json{0});
  CHECK(data["notAnalysed"].size() == 2); // b.c read in part, c.c in no unit
  CHECK(data["history"].empty());
}

TEST_CASE("nothing that comes from sources can end the page's data") {
  Report report = sample_report();
  report.objects[0].name = "</script><!--<script>\xff\xe2\x80\xae";
  report.root = "</script>";
  const std::string page = to_html(report, {});
  CHECK(data_text(page).find('<') == std::string::npos);
  CHECK(data_of(page)["entries"][0]["name"] == "</script><!--<script>\\xff\\u{202e}");
}

TEST_CASE("a burn-down counts each report's objects and findings by risk") {
  Report after = sample_report();
  Report before = after;
  before.objects[1].risk = {Risk::none, Risk::high, Risk::none, Risk::none};
  HtmlOptions options;
  options.history.push_back({"may.json", before});
  const auto history = data_of(to_html(after, options))["history"];
  REQUIRE(history.size() == 2);
  CHECK(history[0]["label"] == "may.json");
  CHECK(history[0]["counts"]["own-gil"] == nlohmann::json{0, 0, 0, 3});
  CHECK(history[1]["counts"]["own-gil"] == nlohmann::json{1, 0, 0, 2});
}

TEST_CASE("what the source allows is marked and not counted") {
  Report report = sample_report();
  report.objects[0].suppressed = {"one interpreter", {"a.c", 6, 1}};
  HtmlOptions options;
  options.history.push_back({"may.json", report});
  const auto data = data_of(to_html(report, options));
  CHECK(data["entries"][0]["allowed"][0]["text"] == "one interpreter");
  CHECK(data["entries"][0]["allowed"][0]["place"] == nlohmann::json{"a.c", 6, 1});
  CHECK(!data["entries"][2].contains("allowed"));
  CHECK(data["history"][0]["counts"]["own-gil"] == nlohmann::json{1, 0, 0, 1});
}

TEST_CASE("long evidence is cut, and its length said") {
  Report report = sample_report();
  const Evidence piece = report.findings[0].evidence[0];
  report.findings[0].evidence.assign(100, piece);
  const auto finding = data_of(to_html(report, {}))["entries"][2];
  CHECK(finding["evidence"].size() == 20);
  CHECK(finding["evidenceCount"] == 100);
}

} // namespace ringfence
