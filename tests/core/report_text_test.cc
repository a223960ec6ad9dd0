#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.h"
#include "report/formats/text.h"
#include "report/formats/tsv.h"
#include "report/plain_words.h"
#include "report_fixture.h"

namespace ringfence {

using Catch::Contains;

TEST_CASE("the text report begins with counts and shows the worst problems with their source") {
  const MemoryFileSystem files(
      std::map<std::string, std::string>{{"/t/a.c", "1\n2\n3\n4\n5\n6\n  static PyObject *cache;\n8\n9\n"}});
  TextOptions options;
  options.files = &files;
  options.folders.root = "/t";
  const std::string text = to_text(sample_report(), options);
  CHECK_THAT(text, Contains("2 units (1 complete, 1 partial), 2 objects, 2 findings"));
  CHECK_THAT(
      text,
      Contains(
          "  pkg._a        unclaimed      unsafe         unclaimed      unclaimed      multi-phase, pybind11; claims "
          "gil=not-used, multiple-interpreters=per-interpreter-gil; 1 object against it\n"));
  CHECK_THAT(text, Contains("  unsafe: loads there, and breaks\n  unclaimed: does not say whether it works there\n"));
  CHECK_THAT(text, !Contains("  ok:"));
  CHECK_THAT(text, Contains("high    a.c:7:20  cache keeps something imported: the result of PyImport_ImportModule"));
  CHECK_THAT(text, Contains("| static PyObject *cache;\n"));
  CHECK_THAT(text, Contains("a.c:9 in f()\n"));
  CHECK_THAT(text, Contains("=> Keep it in the module's state."));
  CHECK_THAT(text, Contains("2 problems of risk medium or higher.\n"));
  CHECK_THAT(text, !Contains("a.c:2:12"));
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
    copy.subject = subject_parts("a.c:f():cache" + std::to_string(i));
    copy.name = "cache" + std::to_string(i);
    copy.message = copy.name + " keeps an object";
    copy.fingerprint = std::to_string(i);
    copy.risk = {Risk::none, Risk::medium, Risk::none, Risk::none};
    report.objects.push_back(copy);
  }
  TextOptions options;
  options.limit = 5;
  options.group_by = TextOptions::GroupBy::file;
  const std::string text = to_text(report, options);
  CHECK_THAT(text, Contains("52 problems of risk medium or higher, the worst 5 shown"));
  CHECK_THAT(text, Contains("7:20    high    cache keeps"));
  options.limit = 0;
  CHECK_THAT(to_text(report, options), Contains("cache49 keeps"));
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
  report.objects[1].message = "table is constant";
  const auto order = [&](TextOptions::Sort sort) {
    TextOptions options;
    options.group_by = TextOptions::GroupBy::file;
    options.sort = sort;
    const std::string text = to_text(report, options);
    return text.find("cache keeps") < text.find("table is") ? "cache table" : "table cache";
  };
  CHECK(order(TextOptions::Sort::file) == std::string("table cache"));
  CHECK(order(TextOptions::Sort::risk) == std::string("cache table"));
  CHECK(order(TextOptions::Sort::name) == std::string("cache table")); // a.c:f():cache, a.c:table
  CHECK(order(TextOptions::Sort::rule) == std::string("cache table"));
}

TEST_CASE("false claims come first, consequences below their cause, and what repeats is one entry") {
  Report report = sample_report();
  for (int i = 0; i < 12; ++i) {
    ReportedObject copy = report.objects[0];
    copy.subject = subject_parts("b.c:type" + std::to_string(i));
    copy.place = {"b.c", static_cast<unsigned>(100 + i), 1};
    copy.message = "type" + std::to_string(i) + " is a static type";
    copy.rule = "RF201 static-type";
    copy.fingerprint = std::to_string(i);
    copy.evidence.clear();
    report.objects.push_back(copy);
  }
  report.findings[0].subject = subject_parts("a.c:pkg._a");
  Finding below = report.findings[0];
  below.rule = "RF312 exec-writes-global";
  below.subject = subject_parts("a.c:f()");
  below.place = {"a.c", 8, 1};
  below.message = "f, which an exec slot runs, writes a global: cache, an object-cache";
  below.fingerprint = "below";
  below.evidence = {{{"a.c", 9, 5}, "f", "cache, an object-cache"}};
  report.findings.push_back(below);
  TextOptions options;
  options.arguments = " src -p build";
  const std::string text = to_text(report, options);
  const std::size_t claim = text.find("high    a.c:20:1  The module claims its own GIL.");
  const std::size_t cache = text.find("high    a.c:7:20  cache keeps"), type = text.find("high    b.c:100:1  type0 is");
  CHECK(claim < cache);
  CHECK(cache < type);
  CHECK(type != std::string::npos);
  CHECK_THAT(text, Contains("          so: a.c:8: f, which an exec slot runs, writes a global: cache, an object-cache  "
                            "[RF312 exec-writes-global]\n"));
  CHECK_THAT(text, Contains("          11 more of this rule:\n          b.c:101  type1\n"));
  CHECK_THAT(text, Contains("          b.c:110  type10\n          and 1 more\n"));
  CHECK_THAT(text, Contains("15 problems of risk medium or higher with 3 causes.\n"));
  CHECK_THAT(text, Contains("next:\n  ringfence capture -- BUILD COMMAND"));
  CHECK_THAT(text, Contains("  ringfence explain RF305 "));
  CHECK_THAT(
      text,
      Contains("  ringfence baseline write src -p build -o ringfence.baseline --reason 'before the first review'"));
}

TEST_CASE("what would make the report complete is a command") {
  Report report = sample_report();
  const MemoryFileSystem files(std::map<std::string, std::string>{{"/t/pyproject.toml", ""}});
  TextOptions options;
  CHECK_THAT(to_text(report, options), Contains("  ringfence capture -- BUILD COMMAND"));
  options.files = &files;
  options.folders.root = "/t";
  CHECK_THAT(to_text(report, options),
             Contains("  ringfence capture -- python3 -m pip wheel . --no-build-isolation --no-deps  "));
  report.units.pop_back();
  CHECK_THAT(to_text(report, options), Contains("  ringfence scan --allow-incomplete  "));
}

TEST_CASE("one word says what a module does in a world") {
  Report report = sample_report();
  ReportedModule &module = report.modules[0];
  const auto claims = module.claims;
  module.claims["multiple-interpreters"] = "supported";
  module.verified["own-gil"] = {ClaimVerdict::holds, {"a.c:f():cache"}};
  CHECK(PlainWords(report).of(module, Profile::own_gil) == PlainWord::refused);
  module.verified["own-gil"] = {ClaimVerdict::could_claim_more, {}};
  CHECK(PlainWords(report).of(module, Profile::own_gil) == PlainWord::refused);
  module.verified["own-gil"] = {ClaimVerdict::missing, {"a.c:f():cache"}};
  CHECK(PlainWords(report).of(module, Profile::own_gil) == PlainWord::unclaimed);
  module.claims = claims;
  module.verified["own-gil"] = {ClaimVerdict::holds, {}};
  CHECK(PlainWords(report).of(module, Profile::own_gil) == PlainWord::incomplete); // b.c was read in part
  report.units.pop_back();
  report.accounting.uncovered.clear();
  CHECK(PlainWords(report).of(module, Profile::own_gil) == PlainWord::ok);
  report.modules.clear();
  CHECK_THAT(to_text(report, {}), Contains("No extension module was recognised in what was read.\n"));
  report.units[0].status = UnitStatus::partial;
  CHECK(answer_of(report).text == "No extension module was recognised in what was read; 1 unit was not read in full, "
                                  "and may define one.");
}

TEST_CASE("a single-phase module is kept out of isolated interpreters alone") {
  Report report = sample_report();
  ReportedModule &module = report.modules[0];
  module.init = InitKind::single_phase;
  module.state_size = -1;
  module.claims.clear();
  for (const Profile profile : all_profiles)
    report.objects[0].risk[static_cast<std::size_t>(profile)] = Risk::high;
  const auto word = [&](Profile profile, ReportedModule::Verification verified) {
    module.verified[std::string(to_string(profile))] = std::move(verified);
    return PlainWords(report).of(module, profile);
  };
  const std::string high = report.objects[0].subject.id();
  for (const Profile profile : {Profile::shared_gil, Profile::multi_init}) {
    CHECK(word(profile, {ClaimVerdict::holds, {high}}) == PlainWord::unsafe);
    CHECK(word(profile, {ClaimVerdict::holds, {"of medium risk"}}) == PlainWord::unclaimed);
    CHECK(word(profile, {ClaimVerdict::could_claim_more, {}}) == PlainWord::unclaimed);
    CHECK(word(profile, {ClaimVerdict::holds, {}}) == PlainWord::refused); // by its own load guard
  }
  CHECK(word(Profile::own_gil, {ClaimVerdict::holds, {high}}) == PlainWord::refused);
  const ReportedModule::Verification unread{ClaimVerdict::not_read, {}, "m.c:2: #error"};
  CHECK(word(Profile::own_gil, unread) == PlainWord::refused); // whatever else it has
  CHECK(word(Profile::shared_gil, unread) == PlainWord::not_read);
  module.init = InitKind::none;
  CHECK(word(Profile::own_gil, unread) == PlainWord::not_read);
}

TEST_CASE("the report begins with the answer to its question") {
  Report report = sample_report();
  CHECK(answer_of(report).text == "Not safe: pkg._a loads under own-gil and breaks there.");
  CHECK_THAT(to_text(report, {}), Contains("\nNot safe: pkg._a loads under own-gil and breaks there.\n\nModules"));
  ReportedModule other = report.modules[0];
  other.name = "pkg._b";
  other.verified["free-threaded"] = {ClaimVerdict::refuted, {}};
  report.modules.push_back(other);
  CHECK(answer_of(report).text ==
        "Not safe: 2 of 2 modules load where they break, under own-gil (2) and free-threaded (1): pkg._b and pkg._a.");
  report.modules.pop_back();
  report.modules[0].verified["own-gil"] = {ClaimVerdict::not_read, {}};
  CHECK(answer_of(report).text == "Not known: not all code of pkg._a was read; what was read has problems.");
  std::vector<Finding> findings;
  std::swap(findings, report.findings);
  CHECK(answer_of(report).text == "Not known: nothing was found against pkg._a, but not all of its code was read.");
  std::swap(findings, report.findings);
  report.modules[0].verified["shared-gil"] = {ClaimVerdict::holds, {"a.c:cache"}};
  CHECK(answer_of(report).text == "Not known: not all code of pkg._a was read; what was read has problems.");
  report.modules[0].verified.erase("shared-gil");
  const auto claims = report.modules[0].claims;
  report.modules[0].claims["multiple-interpreters"] = "supported";
  report.modules[0].verified["own-gil"] = {ClaimVerdict::could_claim_more, {}};
  CHECK(answer_of(report).text ==
        "No claim is false, but not every world is claimed: pkg._a is refused under own-gil and "
        "unclaimed under shared-gil, free-threaded and multi-init.");
  report.modules[0].claims = claims;
  report.units.pop_back();
  report.accounting.uncovered.clear();
  for (const Profile profile : all_profiles)
    report.modules[0].verified[std::string(to_string(profile))] = {ClaimVerdict::holds, {}};
  CHECK(answer_of(report).text == "Nothing was found against pkg._a, and all of it was read.");
  report.objects[0].risk = {Risk::none, Risk::none, Risk::medium, Risk::none};
  CHECK(answer_of(report).text == "Nothing of high risk was found against pkg._a, and all of it was read; 1 problem of "
                                  "less risk is below.");
}

TEST_CASE("a module says what each world shows where they differ") {
  Report report = sample_report();
  ReportedModule &module = report.modules[0];
  module.verified["multi-init"] = {ClaimVerdict::holds, {}};
  module.worlds = {{"build", {}, {{"multi-init", {ClaimVerdict::refuted, {"a.c:f():cache"}}}}},
                   {"3.15", module.claims, module.verified}};
  const std::string text = to_text(report, {});
  CHECK_THAT(
      text,
      Contains("  pkg._a        unclaimed      unsafe         unclaimed      incomplete     multi-phase, pybind11; "));
  CHECK_THAT(
      text,
      Contains("    this build  unclaimed      unclaimed      unclaimed      unsafe         claims nothing; 1 object "
               "against it\n"));
  CHECK_THAT(answer_of(report).text,
             Contains("loads under own-gil and multi-init and breaks there, as read for this build."));
}

TEST_CASE("what was read in part is not called free of problems") {
  Report report = sample_report();
  report.objects.clear();
  report.findings.clear();
  CHECK_THAT(to_text(report, {}),
             Contains("No problem of risk medium or higher in what was read; the rest may hold some.\n"));
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
  options.folders.root = "/t";
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
