#include <catch2/catch.hpp>

#include "gate/compare.h"
#include "gate/render.h"

namespace ringfence {
namespace {

ReportedObject object(const std::string &id, Risk risk) {
  ReportedObject result;
  result.subject = subject_parts(id);
  result.rule = "RF101 static-pyobject";
  result.kind = "object";
  result.type = "PyObject *";
  result.verdict = "object-cache";
  result.fingerprint = "fp(" + id + ")";
  result.risk.fill(risk);
  return result;
}

Report report(std::vector<std::string> ids, Risk risk = Risk::high) {
  Report result;
  for (const std::string &id : ids)
    result.objects.push_back(object(id, risk));
  return result;
}

const std::vector<Profile> own_gil = {Profile::own_gil};

CompareOptions options() { return {own_gil, Risk::medium, "2026-11-22"}; }

Baseline accepted(const Report &accepted_report, const std::string &reason = "reviewed") {
  return baseline_of(problems_of(accepted_report, own_gil, Risk::medium), Section::accepted, reason);
}

std::string id_of(const BaselineRow &row) { return row.subject; }
std::string id_of(const Problem &problem) { return problem.subject.id(); }

template <class T> std::vector<std::string> subjects(const std::vector<T> &entries) {
  std::vector<std::string> result;
  for (const T &entry : entries)
    result.push_back(id_of(entry));
  return result;
}

using Subjects = std::vector<std::string>;

} // namespace

TEST_CASE("a new object is introduced, an accepted one preexists, a lost one is stale") {
  const Comparison result =
      compare(report({"a.c:x", "a.c:f():n"}), accepted(report({"a.c:x", "old.c:gone"})), options());
  CHECK(subjects(result.introduced) == Subjects{"a.c:f():n"});
  CHECK(subjects(result.preexisting) == Subjects{"a.c:x"});
  CHECK(subjects(result.stale) == Subjects{"old.c:gone"});
  CHECK(result.fixed.empty());
  CHECK(result.moved.empty());
}

TEST_CASE("debt that is gone is fixed, and so is debt whose risk fell below the bar") {
  Baseline debt = accepted(report({"a.c:x"}));
  debt.rows[0].section = Section::debt;
  CHECK(subjects(compare(report({}), debt, options()).fixed) == Subjects{"a.c:x"});
  CHECK(subjects(compare(report({"a.c:x"}, Risk::low), debt, options()).fixed) == Subjects{"a.c:x"});
}

TEST_CASE("a renamed file, function or variable is moved where exactly one match exists") {
  const auto moved_to = [](const std::string &from, const std::string &to) {
    const Comparison result = compare(report({to}), accepted(report({from})), options());
    return result.moved.size() == 1 && result.introduced.empty() && result.stale.empty();
  };
  CHECK(moved_to("a.c:x", "sub/b.c:x"));
  CHECK(moved_to("a.c:f():x", "a.c:g():x"));
  CHECK(moved_to("a.c:f():x", "a.c:f():y"));
  CHECK_FALSE(moved_to("a.c:f():x", "b.c:f():y"));

  const Comparison ambiguous = compare(report({"b.c:x", "c.c:x"}), accepted(report({"a.c:x"})), options());
  CHECK(ambiguous.moved.empty());
  CHECK(subjects(ambiguous.introduced) == Subjects{"b.c:x", "c.c:x"});
}

TEST_CASE("an expired row accepts nothing") {
  Baseline baseline = accepted(report({"a.c:x"}));
  baseline.rows[0].expires = "2026-11-21";
  const Comparison result = compare(report({"a.c:x"}), baseline, options());
  CHECK(subjects(result.introduced) == Subjects{"a.c:x"});
  CHECK(subjects(result.expired) == Subjects{"a.c:x"});
  baseline.rows[0].expires = "2026-11-22";
  CHECK(compare(report({"a.c:x"}), baseline, options()).introduced.empty());
}

TEST_CASE("a row for one profile does not accept the risk under another") {
  Baseline baseline = accepted(report({"a.c:x"}));
  baseline.rows[0].profile = "own-gil";
  CompareOptions both = options();
  CHECK(compare(report({"a.c:x"}), baseline, both).introduced.empty());
  both.profiles.push_back(Profile::free_threaded);
  CHECK(subjects(compare(report({"a.c:x"}), baseline, both).introduced) == Subjects{"a.c:x"});
}

TEST_CASE("a row without a reason is named") {
  CHECK(subjects(compare(report({"a.c:x"}), accepted(report({"a.c:x"}), ""), options()).reasonless) ==
        Subjects{"a.c:x"});
}

TEST_CASE("a member of an accepted struct that comes to be at risk is introduced") {
  const auto with_members = [](std::vector<std::string> risky) {
    Report result = report({"a.c:state"});
    result.objects[0].members.push_back({.name = "harmless"});
    for (const std::string &name : risky) {
      ReportedMember member{.name = name};
      member.risk.fill(Risk::high);
      result.objects[0].members.push_back(member);
    }
    return result;
  };
  const Baseline before = accepted(with_members({"pool.head", "cache"}));
  CHECK(before.rows[0].members == "cache, pool.head");
  CHECK(compare(with_members({"pool.head", "cache"}), before, options()).introduced.empty());
  CHECK(compare(with_members({"cache"}), before, options()).introduced.empty());
  const Comparison result = compare(with_members({"pool.head", "pool.size", "cache"}), before, options());
  CHECK(subjects(result.introduced) == Subjects{"a.c:state"});
  CHECK(result.introduced[0].message.ends_with("; new among its members: pool.size"));
  CHECK(accepted(with_members({})).rows[0].members == "(none)");
  CHECK(subjects(compare(with_members({"cache"}), accepted(with_members({})), options()).introduced) ==
        Subjects{"a.c:state"});
  CHECK(compare(with_members({"cache"}), accepted(report({"a.c:state"})), options()).introduced.empty());
}

TEST_CASE("what the source allows is neither introduced nor preexisting, and needs no row") {
  Report now = report({"a.c:x", "b.c:y"});
  now.objects[0].suppressed = {"one interpreter only", {"a.c", 3, 1}};
  const Comparison without_row = compare(now, {}, options());
  CHECK(subjects(without_row.introduced) == Subjects{"b.c:y"});
  CHECK(subjects(without_row.suppressed) == Subjects{"a.c:x"});
  CHECK(without_row.suppressed[0].suppressed->reason == "one interpreter only");

  const Comparison with_row = compare(now, accepted(report({"a.c:x"})), options());
  CHECK(subjects(with_row.stale) == Subjects{"a.c:x"});
  CHECK(with_row.moved.empty());
  CHECK(subjects(with_row.introduced) == Subjects{"b.c:y"});
}

TEST_CASE("the text says how to accept what is introduced") {
  Report now = report({"a.c:f():x"});
  now.objects[0].place = {"a.c", 12, 1};
  const Comparison result = compare(now, {}, options());
  const std::string text = comparison_to_text(result, own_gil, "ringfence baseline update --baseline b");
  CHECK_THAT(text, Catch::Contains("// ringfence: allow RF101 WHY"));
  CHECK_THAT(text, Catch::Contains("ringfence baseline update --baseline b --add --only 'a.c:f():x' --reason WHY"));
  CHECK_THAT(comparison_to_text(result, own_gil, ""), !Catch::Contains("baseline update"));
}

TEST_CASE("pruning drops what is gone and lets rows follow their subjects") {
  const Baseline baseline = accepted(report({"a.c:x", "a.c:f():gone", "a.c:kept"}));
  const Report now = report({"b.c:x", "a.c:kept"});
  const Baseline result = pruned(baseline, compare(now, baseline, options()));
  CHECK(subjects(result.rows) == Subjects{"a.c:kept", "b.c:x"});
  CHECK(compare(now, result, options()).moved.empty());
}

TEST_CASE("a baseline survives a round trip, sorted and one row a line") {
  Baseline baseline = accepted(report({"b.c:x", "a.c:\"quoted\\\n"}));
  baseline.rows[0].expires = "2027-01-31";
  baseline.rows[0].owner = "storage team";
  const std::string text = to_text(baseline);
  const Result<Baseline> read = baseline_from_text(text);
  REQUIRE(read.has_value());
  CHECK(to_text(*read) == text);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  std::sort(baseline.rows.begin(), baseline.rows.end());
  CHECK(*read == baseline);
}

TEST_CASE("a broken baseline says which line is wrong") {
  const auto error = [](const std::string &text) { return baseline_from_text(text).error().message; };
  const std::string header = "{\"schema\":\"ringfence-baseline/1\"}\n";
  CHECK_THAT(error(""), Catch::Contains("line 1"));
  CHECK_THAT(error("{\"schema\":\"ringfence-baseline/9\"}\n"), Catch::Contains("ringfence-baseline/1"));
  CHECK_THAT(error(header + "\n{\"section\":\"accepted\"}\n"), Catch::Contains("line 3: \"subject\""));
  CHECK_THAT(error(header + "not json\n"), Catch::Contains("line 2: not a JSON object"));
  const std::string row =
      "{\"section\":\"debt\",\"subject\":\"a.c:x\",\"rule\":\"RF101\",\"fingerprint\":\"1\",\"reason\":\"r\"";
  for (const std::string day : {"soon", "2027-02-29", "2027-00-10", "2027-13-01", "2027-04-31", "2027-1-1"})
    CHECK_THAT(error(header + row + ",\"expires\":\"" + day + "\"}\n"), Catch::Contains("2027-01-31"));
  CHECK(baseline_from_text(header + row + ",\"expires\":\"2028-02-29\",\"profile\":\"own-gil\"}\n").has_value());
  CHECK(error(header + row + ",\"profile\":\"own-gill\"}\n") ==
        "line 2: the row: \"own-gill\" is not known as a profile; did you mean \"own-gil\"?");
  CHECK(error(header + row + ",\"expire\":\"2027-01-31\"}\n") ==
        "line 2: the row: \"expire\" is not known as a key of a row; did you mean \"expires\"?");
  CHECK_THAT(error(header + row + ",\"reason\":\"other\"}\n"), Catch::Contains("the key \"reason\" stands twice"));
  CHECK_THAT(error(header + "{\"section\":" + std::string(300'000, '[') + "\n"), Catch::Contains("line 2: not a JSON"));
  CHECK_THAT(error("{\"schema\":" + std::string(300'000, '[') + "\n"), Catch::Contains("line 1"));
  CHECK_THAT(error(header + row + "}\n" + row + "}\n"), Catch::Contains("line 3"));
}

TEST_CASE("a damaged row of a baseline is refused, what people add is theirs") {
  Baseline baseline;
  baseline.rows = {{.subject = "a.c:x",
                    .rule = "RF101 cached-type",
                    .fingerprint = "2d05437adf0825d9",
                    .verdict = "object-cache",
                    .kind = "object",
                    .type = "PyObject *",
                    .reason = "why"}};
  const std::string text = to_text(baseline);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    return baseline_from_text(changed.replace(text.find(from), from.size(), to));
  };
  for (const std::string_view word : {"a.c:x", "RF101", "cached", "2d05", "object-cache", "\"object\"", "PyObject"}) {
    INFO(word);
    const std::string other = std::string(word.substr(0, word.size() - 2)) + "zz";
    CHECK_THAT(with(word, word.back() == '"' ? "\"objecz\"" : other).error().message,
               Catch::Contains("line 2: the row was damaged"));
  }
  CHECK(with("\"why\"", "\"because\",\"owner\":\"me\"")->rows[0].owner == "me");
  CHECK(with("debt", "accepted")->rows[0].section == Section::accepted);
  const std::size_t check = text.find(",\"check\"");
  CHECK(baseline_from_text(text.substr(0, check) + "}\n") == baseline); // as older programs wrote it
}

} // namespace ringfence
