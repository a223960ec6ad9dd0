#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.h"
#include "report/text.h"
#include "report/tsv.h"
#include "report_fixture.h"

namespace ringfence {

using Catch::Contains;

TEST_CASE("the text report begins with counts and shows the worst problems with their source") {
  const MemoryFileSystem files(
      std::map<std::string, std::string>{{"/t/a.c", "1\n2\n3\n4\n5\n6\n  static PyObject *cache;\n8\n9\n"}});
  TextOptions options;
  options.files = &files;
  options.root = "/t";
  const std::string text = to_text(sample_report(), options);
  CHECK_THAT(text, Contains("2 units (1 complete, 1 partial), 2 objects, 2 findings"));
  CHECK_THAT(text, Contains("pkg._a  multi-phase, pybind11; claims gil=not-used, multiple-interpreters="));
  CHECK_THAT(text, Contains("own-gil: false (1 object against it)"));
  CHECK_THAT(text, Contains("7:20    high    cache keeps something imported: the result of PyImport_ImportModule"));
  CHECK_THAT(text, Contains("| static PyObject *cache;\n"));
  CHECK_THAT(text, Contains("a.c:9 in f()\n"));
  CHECK_THAT(text, Contains("=> Keep it in the module's state."));
  CHECK_THAT(text, Contains("2 problems of risk medium or higher.\n"));
  CHECK_THAT(text, !Contains("'table'"));
  CHECK_THAT(text, !Contains("\x1b["));
}

TEST_CASE("the text report ends with what was not analysed") {
  Report report = sample_report();
  CHECK_THAT(to_text(report, {}), Contains("The analysis is incomplete.\n  partial  b.c: unknown type name 'x'\n"
                                           "  no unit c.c\n"));
  report.units.pop_back();
  report.accounting = account(report, {});
  CHECK_THAT(to_text(report, {}), !Contains("incomplete"));
}

TEST_CASE("a long text report shows the worst problems only, and says so") {
  Report report = sample_report();
  for (int i = 0; i < 50; ++i) {
    ReportedObject copy = report.objects[0];
    copy.id = "a.c:f():cache" + std::to_string(i);
    copy.name = "cache" + std::to_string(i);
    copy.fingerprint = std::to_string(i);
    copy.risk = {Risk::none, Risk::medium, Risk::none, Risk::none};
    report.objects.push_back(copy);
  }
  TextOptions options;
  options.limit = 5;
  const std::string text = to_text(report, options);
  CHECK_THAT(text, Contains("52 problems of risk medium or higher, the worst 5 shown"));
  CHECK_THAT(text, Contains("'cache' "));
  options.limit = 0;
  CHECK_THAT(to_text(report, options), Contains("'cache49'"));
  options.at_least = Risk::high;
  CHECK_THAT(to_text(report, options), Contains("2 problems of risk high or higher."));
}

TEST_CASE("the text report groups by rule on request") {
  TextOptions options;
  options.group_by = TextOptions::GroupBy::rule;
  const std::string text = to_text(sample_report(), options);
  CHECK_THAT(text, Contains("\nRF103 cached-import\n  a.c:7:20  high"));
}

TEST_CASE("the text report groups by module and by verdict on request") {
  Report report = sample_report();
  report.objects[1].risk = report.objects[0].risk;
  TextOptions options;
  options.limit = 0;
  options.group_by = TextOptions::GroupBy::module;
  const std::string by_module = to_text(report, options);
  CHECK_THAT(by_module, Contains("\nin no module, or in several\n  a.c:2:12"));
  CHECK_THAT(by_module, Contains("\npkg._a\n  a.c:7:20"));
  CHECK_THAT(by_module, Contains("[RF103 cached-import]"));
  options.group_by = TextOptions::GroupBy::verdict;
  const std::string by_verdict = to_text(report, options);
  CHECK_THAT(by_verdict, Contains("\nRF305 false-claim\n") && Contains("\nconstant\n") && Contains("\nobject-cache\n"));
}

TEST_CASE("the problems of a group come in the order asked for") {
  Report report = sample_report();
  report.findings.clear();
  report.objects[1].risk = {Risk::medium, Risk::medium, Risk::none, Risk::none};
  const auto order = [&](TextOptions::Sort sort) {
    TextOptions options;
    options.sort = sort;
    const std::string text = to_text(report, options);
    return text.find("'cache'") < text.find("'table'") ? "cache table" : "table cache";
  };
  CHECK(order(TextOptions::Sort::file) == std::string("table cache"));
  CHECK(order(TextOptions::Sort::risk) == std::string("cache table"));
  CHECK(order(TextOptions::Sort::name) == std::string("cache table")); // a.c:f():cache, a.c:table
  CHECK(order(TextOptions::Sort::rule) == std::string("cache table"));
}

TEST_CASE("colours are the report's own, never the source's") {
  Report report = sample_report();
  report.objects[0].name = "x\x1b[31m";
  report.root = "tree\x1b]0;title\x07";
  report.notes = {"\x1b[2J"};
  CHECK_THAT(to_text(report, {}), !Contains("\x1b"));
  TextOptions options;
  options.color = true;
  const std::string text = to_text(report, options);
  CHECK_THAT(text, Contains("\x1b[1;31mhigh"));
  CHECK_THAT(text, !Contains("\x1b]0") && !Contains("\x1b[2J") && !Contains("\x1b[31m"));
}

TEST_CASE("no line of source is read from outside the tree") {
  const MemoryFileSystem files(std::map<std::string, std::string>{{"/secret", "1\n2\n3\n4\n5\n6\nsecret\n"}});
  Report report = sample_report();
  TextOptions options;
  options.files = &files;
  options.root = "/t";
  report.objects[0].place.file = "../secret";
  CHECK_THAT(to_text(report, options), !Contains("| secret"));
  report.objects[0].place.file = "/secret";
  CHECK_THAT(to_text(report, options), !Contains("| secret"));
}

TEST_CASE("the table has one row per object and a field for each column") {
  Report report = sample_report();
  report.objects[0].type = "struct\t{\n}";
  const std::string text = to_tsv(report);
  const auto lines = split(text, '\n');
  REQUIRE(lines.size() == 4); // the last is empty
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(std::count(lines[i].begin(), lines[i].end(), '\t') == 24);
  CHECK(lines[0].starts_with("id\tfile\tline\t"));
  CHECK_THAT(std::string(lines[1]), Contains("\tobject-cache\tmodule\thigh\thigh\tmedium\tlow\tlazy\tnone\tyes\t"));
}

TEST_CASE("a comma-separated table quotes what it must and holds no formula") {
  Report report = sample_report();
  report.objects[0].type = "struct {int a, b;} \"x\"";
  report.objects[0].name = "=cmd|' /C calc'!A0";
  const std::string text = to_csv(report);
  CHECK_THAT(text, Contains(",\"struct {int a, b;} \"\"x\"\"\","));
  CHECK_THAT(text, Contains(",'=cmd|' /C calc'!A0,"));
  CHECK(std::count(text.begin(), text.end(), '\r') == 3);
}

} // namespace ringfence
