// The lists of CPython's c-analyzer: headings become reasons, and nothing is lost on the way back.
#include <catch2/catch.hpp>

#include "gate/compare.h"
#include "gate/cpython_lists.h"

namespace ringfence {
namespace {

const std::string list = R"(filename	funcname	name	reason
#???	-	somevar	???

# All of them.

##################################
## set once

##-----------------------
## resources

## indicators
# (set early)
Python/hash.c	get	works	-
# (set lazily)
# XXX Is it safe?
Python/hash.c	-	level	see the issue
Python/hash.c	-	level	-

## guards
Python/thread.h	-	lock	-

##################################
## test code
Modules/_test.c	-	x	-
# the end
)";

std::vector<std::string> rows_of(const Baseline &baseline) {
  std::vector<std::string> rows;
  for (const BaselineRow &row : baseline.rows)
    rows.push_back(row.subject + " = " + row.reason);
  return rows;
}

std::string error_of(const std::string &text) {
  const Result<Baseline> read = import_list("ignored.tsv", text);
  return read ? "" : read.error().message;
}

} // namespace

TEST_CASE("rows of a list are subjects, with the headings and comments above as their reason") {
  const Result<Baseline> baseline = import_list("ignored.tsv", list);
  REQUIRE(baseline);
  CHECK(rows_of(*baseline) ==
        std::vector<std::string>{
            "Python/hash.c:get():works = set once / resources / indicators: (set early)",
            "Python/hash.c:level = see the issue",
            "Python/hash.c:level = set once / resources / indicators: (set lazily) XXX Is it safe?",
            "Python/thread.h:lock = set once / resources / guards",
            "Modules/_test.c:x = test code",
        });
  CHECK(baseline->rows[0].section == Section::accepted);
  CHECK(import_list("globals-to-fix.tsv", list)->rows[0].section == Section::debt);
}

TEST_CASE("a list survives the way through a baseline file, byte by byte") {
  const Result<Baseline> read = baseline_from_text(to_text(*import_list("ignored.tsv", list)));
  REQUIRE(read);
  std::size_t left_out = 0;
  const auto lists = export_lists(*read, left_out);
  REQUIRE(lists.size() == 1);
  CHECK(lists.at("ignored.tsv") == list);
  CHECK(left_out == 0);
}

TEST_CASE("rows that were added to a baseline follow at the end of their section's list") {
  Baseline baseline = *import_list("ignored.tsv", list);
  BaselineRow object{Section::accepted, "a.c:f():x", "RF101 static-pyobject", "0123"};
  object.kind = "object";
  object.reason = "one\tword";
  BaselineRow call = object;
  call.subject = "a.c:f():PyGILState_Ensure";
  call.fingerprint = "4567";
  call.kind.clear();
  baseline.rows.insert(baseline.rows.end(), {object, call});
  std::size_t left_out = 0;
  CHECK(export_lists(baseline, left_out).at("ignored.tsv") == list + "a.c\tf\tx\tone word\n");
  CHECK(left_out == 1);
}

TEST_CASE("what is no list, or would not come back unchanged, is refused") {
  CHECK_THAT(error_of("filename\tfuncname\tname\treason\na.c\t-\tx\n"), Catch::Contains("line 2"));
  CHECK_THAT(error_of("a.c\t-\tx\t-"), Catch::Contains("unchanged"));
  CHECK_THAT(error_of("a.c\t-\tx\t\n"), Catch::Contains("unchanged"));
  CHECK(error_of("").empty());
}

TEST_CASE("a row without a rule accepts whatever is said of its subject") {
  const auto object = [](const std::string &id, const std::string &rule) {
    ReportedObject result;
    result.subject = subject_parts(id);
    result.rule = rule;
    result.fingerprint = rule + id;
    result.verdict = "x";
    result.risk.fill(Risk::high);
    return result;
  };
  const Baseline baseline = *import_list("ignored.tsv", "a.c\tf\tx\t-\na.c\t-\ty\t-\na.c\t-\tgone\t-\n");
  Report report;
  report.objects = {object("a.c:f():x", "RF101 a"), object("a.c:new", "RF101 a"), object("b.c:y", "RF102 b")};
  Finding check{"RF503 c", subject_parts("a.c:f():x"), {"a.c", 4, 1}, "", "", {}, {}, "503", std::nullopt};
  check.risk.fill(Risk::high);
  Finding claim = check;
  claim.subject = subject_parts("a.c:module");
  claim.fingerprint = "305";
  report.findings = {check, claim};
  const CompareOptions options{{Profile::own_gil}, Risk::medium, "2026-11-22", true, {}};
  const Comparison result = compare(report, baseline, options);
  REQUIRE(result.introduced.size() == 1); // variables only: not the module
  CHECK(result.introduced[0].subject.id() == "a.c:new");
  CHECK(result.preexisting.size() == 1);
  REQUIRE(result.moved.size() == 1);
  CHECK(result.moved[0].to.subject.id() == "b.c:y");
  REQUIRE(result.stale.size() == 1);
  CHECK(result.stale[0].subject == "a.c:gone");
  CompareOptions all = options;
  all.variables_only = false;
  CHECK(compare(report, baseline, all).preexisting.size() == 2);
  CHECK(compare(report, baseline, all).introduced.size() == 2);
  const Baseline kept = pruned(baseline, result);
  REQUIRE(kept.rows.size() == 2);
  CHECK(kept.rows[1].subject == "b.c:y");
  CHECK(kept.rows[1].fingerprint.empty());
}

TEST_CASE("a list that is not UTF-8 is refused in words") {
  const Result<Baseline> read = import_list("ignored.tsv", "# caf\xe9\nm.c\t-\tcounter\t-\n");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().message == "the list has a byte that is not UTF-8: save it as UTF-8");
}

TEST_CASE("a row for code that was not compiled here is not stale") {
  Report report;
  report.inactive = {{{"a.c", 3, 1}, "defined(MS_WINDOWS)", "x"}};
  report.accounting.uncovered = {"win.c"};
  const Baseline baseline = *import_list("ignored.tsv", "a.c\tf\tx\t-\nwin.c\t-\ty\t-\na.c\t-\tz\t-\n");
  const Comparison result = compare(report, baseline, {{Profile::own_gil}, Risk::medium, "2026-11-22", false, {}});
  CHECK(result.unseen.size() == 2);
  REQUIRE(result.stale.size() == 1);
  CHECK(result.stale[0].subject == "a.c:z");
}

} // namespace ringfence
