// Verdicts, claims and findings over programs built by hand.
#include <catch2/catch.hpp>

#include <algorithm>

#include "classify/classify.h"
#include "classify/explain.h"
#include "report/accounting.h"
#include "report/names.h"
#include "report/problem.h"
#include "source/unit_origin.h"

namespace ringfence {

namespace {

// One module "spam" with an exec slot, a method, and objects that they write.
class ProgramBuilder {
public:
  ProgramBuilder() {
    program_.files = {{"spam.c", true}};
    function("PyInit_spam", {.module_init = true});
    function("spam_exec", {.exec = true});
    function("spam_set", {.python_callable = true});
  }

  Index function(const std::string &name, FunctionRoles roles, bool defined = true) {
    Function added;
    added.id = added.name = name;
    added.defined = defined;
    program_.functions.push_back(added);
    program_.roles.push_back(roles);
    return static_cast<Index>(program_.functions.size() - 1);
  }

  Index object(const std::string &name, TypeFacts type) {
    Object added;
    added.id = "spam.c:" + name;
    added.name = name;
    added.type = std::move(type);
    added.location = {0, static_cast<std::uint32_t>(program_.objects.size() + 1), 1};
    program_.objects.push_back(added);
    program_.writes.push_back({});
    return static_cast<Index>(program_.objects.size() - 1);
  }

  void move(Index object, const std::string &file) {
    program_.files.push_back({file, true});
    program_.objects[object].id = file + ":" + program_.objects[object].name;
    program_.objects[object].location.file = static_cast<Index>(program_.files.size() - 1);
  }

  // `object` is written in `function` with the result of a call.
  void write(Index object, Index function, WriteClass when, const std::string &callee) {
    Access access;
    access.object = object;
    access.function = function;
    access.kind = AccessKind::write;
    access.stored.kind = callee.empty() ? StoredValue::Kind::parameter : StoredValue::Kind::call;
    access.stored.callee = callee;
    access.location = {0, 50 + static_cast<std::uint32_t>(program_.accesses.size()), 1};
    program_.accesses.push_back(access);
    program_.writes[object].writes = when;
    program_.writes[object].sites.push_back(static_cast<Index>(program_.accesses.size() - 1));
  }

  void module(std::vector<Slot> slots) {
    Module added;
    added.name = "spam";
    added.init_function = 0;
    added.init = InitKind::multi_phase;
    added.location = {0, 50, 1};
    slots.push_back({"Py_mod_exec", 1, none, 0, {}});
    slots.push_back({"Py_mod_methods", 2, none, 0, {}}); // stands for a method table
    added.slots = std::move(slots);
    program_.modules.push_back(added);
  }

  void inactive(const Inactive &inactive) { program_.inactive.push_back(inactive); }

  // The one unit, of which every module is.
  void unit_with_error(const std::string &message, const Location &location) {
    program_.units.push_back({"spam.c",
                              "spam.c",
                              "",
                              UnitStatus::partial,
                              UnitOrigin::database,
                              {{Severity::error, message, location}},
                              {}});
    for (Module &module : program_.modules)
      module.units = {"spam.c"};
  }

  void allow(const std::vector<Allowance> &allowances) { program_.allowances = allowances; }

  Report report() const { return classify(program_, *load_rules(built_in_rule_texts()), {}); }
  const Program &program() const { return program_; }

private:
  Program program_;
};

TypeFacts object_pointer() {
  TypeFacts type;
  type.spelling = "PyObject *";
  type.size = 8;
  type.pointer = type.scalar = type.reaches_object = true;
  return type;
}

TypeFacts plain_int() {
  TypeFacts type;
  type.spelling = "int";
  type.size = 4;
  type.scalar = true;
  return type;
}

const Index exec_function = 1, method = 2; // as ProgramBuilder makes them

} // namespace

TEST_CASE("a cached import refutes the claim of an own GIL, a never-written number does not") {
  ProgramBuilder builder;
  const Index cache = builder.object("cache", object_pointer());
  builder.object("limit", plain_int());
  builder.write(cache, exec_function, WriteClass::exec, "PyImport_ImportModule");
  builder.module({{"Py_mod_multiple_interpreters", none, none, 2, {}}, {"Py_mod_gil", none, none, 1, {}}});
  const Report report = builder.report();

  REQUIRE(report.objects.size() == 2);
  CHECK(report.objects[0].rule == "RF103 cached-import");
  CHECK(report.objects[0].verdict == "object-cache");
  CHECK(report.objects[0].holds_objects);
  CHECK(report.objects[0].evidence.front().text == "stores the result of PyImport_ImportModule");
  CHECK(report.objects[1].verdict == "effectively-constant");

  REQUIRE(report.modules.size() == 1);
  const ReportedModule &module = report.modules.front();
  CHECK(module.claims.at("multiple-interpreters") == "per-interpreter-gil");
  CHECK(module.claims.at("gil") == "not-used");
  CHECK(module.verified.at("own-gil").verdict == ClaimVerdict::refuted);
  CHECK(module.verified.at("own-gil").refuted_by == std::vector<std::string>{"spam.c:cache"});
  CHECK(module.verified.at("free-threaded").verdict == ClaimVerdict::holds);
  CHECK(reconcile(report).empty());
}

TEST_CASE("a module that claims nothing and keeps nothing could claim, one that opts out for a reason is right") {
  ProgramBuilder clean;
  clean.module({{"Py_mod_multiple_interpreters", none, none, 0, {}}});
  CHECK(clean.report().modules.front().verified.at("own-gil").verdict == ClaimVerdict::could_claim_more);
  CHECK(clean.report().modules.front().verified.at("free-threaded").verdict == ClaimVerdict::missing);

  ProgramBuilder cached;
  cached.write(cached.object("cache", object_pointer()), exec_function, WriteClass::exec, "PyDict_New");
  cached.module({{"Py_mod_multiple_interpreters", none, none, 0, {}}});
  CHECK(cached.report().modules.front().verified.at("own-gil").verdict == ClaimVerdict::holds);
}

TEST_CASE("silence, and a denial without a reason, count only where all was read") {
  const auto verdict = [](ProgramBuilder &builder, const char *profile) {
    const Report report = builder.report();
    const auto &verified = report.modules.front().verified.at(profile);
    return std::string(to_string(verified.verdict)) + (verified.reason.empty() ? "" : ": " + verified.reason);
  };
  ProgramBuilder table;
  table.module({{"Py_mod_multiple_interpreters", none, none, 0, {}}, {"not read", none, none, 1, {0, 7, 1}}});
  CHECK(verdict(table, "own-gil") == "not-read: spam.c:7: a slot's number or value is a name that nothing declares");
  CHECK(verdict(table, "free-threaded").starts_with("not-read: "));

  ProgramBuilder branch;
  branch.inactive({"Py_mod_gil", "PY_VERSION_HEX >= 0x030D0000", {0, 9, 1}});
  branch.module({{"Py_mod_multiple_interpreters", none, none, 0, {}}});
  CHECK(verdict(branch, "own-gil") == "could-claim-more");
  CHECK(verdict(branch, "free-threaded") == "not-read: spam.c:9: Py_mod_gil stands where PY_VERSION_HEX >= 0x030D0000");
  for (const Finding &finding : branch.report().findings)
    CHECK(finding.rule != "RF309 gil-not-claimed");

  ProgramBuilder partial;
  partial.module({});
  partial.unit_with_error("use of undeclared identifier 'X'", {0, 3, 1});
  CHECK(verdict(partial, "own-gil") == "not-read: spam.c:3: use of undeclared identifier 'X'");
}

TEST_CASE("what the headers of a binding library put into a module is one finding for each cause") {
  ProgramBuilder builder;
  for (const char *name : {"api", "types", "own"}) {
    const Index object = builder.object(name, object_pointer());
    builder.write(object, exec_function, WriteClass::exec, "PyDict_New");
    if (std::string(name) != "own")
      builder.move(object, std::string("<include>/pybind11/") + name + ".h");
  }
  const Report report = builder.report();
  std::vector<std::string> subjects;
  for (const Problem &problem : problems_of(report, report.profiles, Risk::low))
    if (problem.rule == "RF101 static-pyobject")
      subjects.push_back(problem.subject.id());
  std::sort(subjects.begin(), subjects.end());
  CHECK(subjects == std::vector<std::string>{"<pybind11>/static-pyobject", "spam.c:own"});
}

TEST_CASE("where the objects lie in a variable reaches the report") {
  ProgramBuilder builder;
  TypeFacts box = object_pointer();
  box.object_words = {8}; // struct {int n; PyObject *cache;}
  builder.write(builder.object("box", box), exec_function, WriteClass::exec, "PyDict_New");
  CHECK(builder.report().objects.front().object_words == std::vector<std::uint32_t>{8});
}

TEST_CASE("a number that a method sets is a setting, and its fingerprint ignores lines") {
  ProgramBuilder builder;
  builder.write(builder.object("limit", plain_int()), method, WriteClass::anywhere, "");
  const Report report = builder.report();
  CHECK(report.objects.front().verdict == "setting");
  CHECK(risk_of(report.objects.front().risk, Profile::own_gil) == Risk::medium);
  CHECK(report.findings.empty()); // the verdict is the object's, and no second entry
  CHECK(report.objects.front().message == "limit can be set from Python code in one interpreter, and changes for all");

  ProgramBuilder moved;
  moved.object("other", plain_int());
  moved.write(moved.object("limit", plain_int()), method, WriteClass::anywhere, "");
  CHECK(moved.report().objects.back().fingerprint == report.objects.front().fingerprint);
}

TEST_CASE("an object's explanation names the rules tried and what failed in each") {
  ProgramBuilder builder;
  builder.write(builder.object("limit", plain_int()), method, WriteClass::anywhere, "");
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  const std::string text = explain_object(builder.program(), *rules, {}, "limit", true);
  CHECK(text.find("RF130 constant: no, for \"deep-const\" does not hold") != std::string::npos);
  CHECK(text.find("RF110 process-wide-setting: holds") != std::string::npos);
  CHECK(text.find("Evidence:") < text.find("Rules tried:"));
  CHECK(explain_object(builder.program(), *rules, {}, "limit", false).find("Rules tried:") == std::string::npos);
  // By the end of its id, where a part of it begins.
  const std::string id = builder.program().objects.at(0).id;
  CHECK(explain_object(builder.program(), *rules, {}, id, true) == text);
  CHECK(explain_object(builder.program(), *rules, {}, "mit", true).empty());
}

TEST_CASE("an allowance with a reason suppresses its own rule at its own place") {
  ProgramBuilder spam;
  const Index first = spam.object("first", object_pointer());
  const Index second = spam.object("second", object_pointer());
  for (const Index object : {first, second})
    spam.write(object, 1, WriteClass::exec, "PyImport_ImportModule");
  const auto suppressed = [&](const std::vector<Allowance> &allowances) {
    spam.allow(allowances);
    const Report report = spam.report();
    CHECK(reconcile(report).empty());
    std::vector<std::string> names;
    for (const ReportedObject &object : report.objects)
      if (object.suppressed)
        names.push_back(object.name + ": " + object.suppressed->reason);
    for (const auto &[rule, count] : report.accounting.findings_by_rule)
      if (rule.starts_with("RF90"))
        names.push_back(rule.substr(0, 5));
    return names;
  };
  using Names = std::vector<std::string>;
  const Location comment{0, 9, 1};
  CHECK(suppressed({}) == Names{});
  CHECK(suppressed({{"RF103", "why", comment, 1, 1, none}}) == Names{"first: why"});
  CHECK(suppressed({{"cached-import", "why", comment, 1, 2, none}}) == Names{"first: why", "second: why"});
  CHECK(suppressed({{"RF103", "why", comment, 7, 7, second}}) == Names{"second: why"});
  CHECK(suppressed({{"RF103", "why", comment, 7, 7, none}}) == Names{"RF901"});
  CHECK(suppressed({{"RF101", "why", comment, 1, 1, none}}) == Names{"RF901"});
  CHECK(suppressed({{"RF103", "", comment, 1, 1, none}}) == Names{"RF902"});
}

} // namespace ringfence
