// Worlds: their names, the headers and arguments that a unit gets, and one report from those of several.
#include <catch2/catch.hpp>

#include "report/accounting.h"
#include "report/worlds.h"
#include "source/unit_origin.h"
#include "source/worlds.h"

namespace ringfence {
namespace {

constexpr auto own_gil = static_cast<std::size_t>(Profile::own_gil),
               free_threaded = static_cast<std::size_t>(Profile::free_threaded);

Report report_of(std::map<std::string, std::string> claims, ClaimVerdict own, ClaimVerdict without) {
  Report report;
  ReportedModule module;
  module.name = "spam";
  module.place = {"spam.c", 1, 1};
  module.claims = std::move(claims);
  module.verified = {{"own-gil", {own, {}, {}}}, {"free-threaded", {without, {}, {}}}};
  report.modules.push_back(module);
  return report;
}

void add_object(Report &report, const std::string &name, Risk with, Risk without) {
  ReportedObject object;
  object.subject = {SubjectKind::object, "spam.c", "", name};
  object.verdict = "mutable-state";
  object.risk[own_gil] = with;
  object.risk[free_threaded] = without;
  report.objects.push_back(object);
  Finding finding;
  finding.rule = "RF138 mutable-state";
  finding.subject = object.subject;
  finding.fingerprint = object.subject.id();
  finding.risk = object.risk;
  report.findings.push_back(finding);
  report.accounting = account(report, {});
}

} // namespace

TEST_CASE("a world is a Python, with or without the GIL") {
  CHECK(world_from("3.14") == World{"3.14", 14, true});
  CHECK(world_from("3.13t") == World{"3.13t", 13, false});
  CHECK(world_from("3.12-abi3") == World{"3.12-abi3", 12, true, "abi3"});
  CHECK(world_from("3.15t-abi3t") == World{"3.15t-abi3t", 15, false, "abi3t"});
  CHECK(with_gil(*world_from("3.15t-abi3t")).name == "3.15-abi3t");
  for (const char *wrong : {"3.14-abi3t", "3.14t-abi", "", "3", "3.", "3.t", "2.7", "3.14x", "3.14tt", "3.2"})
    CHECK_FALSE(world_from(wrong));
}

TEST_CASE("a world has the newest headers that it can have") {
  const std::vector<PythonHeaders> installed = {{11, "/a"}, {13, "/b"}, {15, "/c"}};
  CHECK(headers_for(*world_from("3.14"), installed)->folder == "/b");
  CHECK(headers_for(*world_from("3.15t"), installed)->folder == "/c");
  CHECK(headers_for(*world_from("3.10"), installed) == nullptr);
}

TEST_CASE("a unit in a world has its headers, its version and, without the GIL, that macro") {
  const MemoryFileSystem files({{"/usr/include/python3.11/Python.h", ""},
                                {"/usr/include/python3.11/patchlevel.h", "#define PY_MINOR_VERSION        11\n"}});
  CompileUnit unit;
  unit.id = "spam.c";
  unit.arguments = {"-x", "c", "-I/usr/include/python3.11", "-I/own"};
  const World world = *world_from("3.14t");
  CompileUnit there = in_world(unit, world);
  CHECK(replace_headers(there, world, {13, "/py/3.13"}, "/t", files));
  CHECK(there.id == "spam.c@3.14t");
  CHECK(there.config == "3.14t");
  CHECK(there.arguments == std::vector<std::string>{"-x", "c", "-I/py/3.13", "-I/own", "-DRINGFENCE_PYTHON=0x030E00F0",
                                                    "-DPy_GIL_DISABLED=1", "-idirafter", "/usr/include/python3.11"});
  CHECK(in_world(unit, *world_from("3.14")).arguments.back() == "-DRINGFENCE_PYTHON=0x030E00F0");
}

TEST_CASE(
    "headers are replaced where the path to them is relative, and kept where they are the world's or CPython's own") {
  const auto tree = [](const std::string &folder) {
    return MemoryFileSystem({{folder + "/Python.h", ""}, {folder + "/patchlevel.h", "#define PY_MINOR_VERSION 11\n"}});
  };
  const PythonHeaders newer{13, "/py/3.13"};
  CompileUnit unit;
  unit.directory = "/t/build";
  unit.arguments = {"-I../deps/python3.11"};
  CompileUnit there = unit;
  CHECK(replace_headers(there, *world_from("3.14"), newer, "/t", tree("/t/deps/python3.11")));
  CHECK(there.arguments.front() == "-I/py/3.13");
  CHECK_FALSE(replace_headers(unit, *world_from("3.11"), {11, "/other/3.11"}, "/t", tree("/t/deps/python3.11")));
  CHECK_FALSE(replace_headers(unit, *world_from("3.12"), {10, "/py/3.10"}, "/t", tree("/t/deps/python3.11")));
  unit.arguments = {"-I../Include"};
  CHECK_FALSE(replace_headers(unit, *world_from("3.14"), newer, "/t", tree("/t/Include")));
}

TEST_CASE("the limited API of a world is that of its version") {
  const CompileUnit there = in_world({}, *world_from("3.15t-abi3t"));
  CHECK(there.arguments == std::vector<std::string>{"-DRINGFENCE_PYTHON=0x030F00F0", "-DPy_GIL_DISABLED=1",
                                                    "-DPy_LIMITED_API=0x030F0000", "-DPy_TARGET_ABI3T=0x030F0000"});
}

TEST_CASE("without the GIL, a limited API of the build is left away unless the world is one") {
  CompileUnit unit;
  unit.arguments = {"-DPy_LIMITED_API=0x03080000", "-DX=1"};
  CHECK(in_world(unit, *world_from("3.14t")).arguments ==
        std::vector<std::string>{"-DX=1", "-DRINGFENCE_PYTHON=0x030E00F0", "-DPy_GIL_DISABLED=1"});
  CHECK(in_world(unit, *world_from("3.14")).arguments ==
        std::vector<std::string>{"-DPy_LIMITED_API=0x03080000", "-DX=1", "-DRINGFENCE_PYTHON=0x030E00F0"});
  CHECK(in_world(unit, *world_from("3.15t-abi3t")).arguments.front() == "-DPy_LIMITED_API=0x03080000");
}

TEST_CASE("for Windows the search paths of the tree and of Python are kept") {
  const MemoryFileSystem files(std::map<std::string, std::string>{{"/py/Python.h", ""}, {"/t/a.c", ""}});
  CompileUnit unit;
  unit.id = "a.c";
  unit.directory = "/t";
  unit.arguments = {"-x", "c", "-Iinc", "-I/usr/include/other", "-I/py", "-idirafter", "/usr/include/more", "-DX=1"};
  const CompileUnit there = in_windows(unit, "/t", "", files);
  CHECK(there.id == "a.c@windows");
  CHECK(there.arguments ==
        std::vector<std::string>{"-x", "c", "-Iinc", "-I/py", "-DX=1", windows_target, "-fms-extensions"});
  CHECK(world_from("windows") == windows_world());
}

TEST_CASE("what Windows alone can read in full is no gap, and a claim can fail there") {
  Report build =
      report_of({{"multiple-interpreters", "per-interpreter-gil"}}, ClaimVerdict::holds, ClaimVerdict::missing);
  build.units = {{"posix.c", "", UnitStatus::complete, UnitOrigin::inferred, {}},
                 {"win.c", "", UnitStatus::partial, UnitOrigin::inferred, {}}};
  build.accounting = account(build, {"more.c", "other.c"});
  Report windows =
      report_of({{"multiple-interpreters", "per-interpreter-gil"}}, ClaimVerdict::refuted, ClaimVerdict::missing);
  windows.units = {{"posix.c", "", UnitStatus::complete, UnitOrigin::inferred, {}},
                   {"win.c", "", UnitStatus::complete, UnitOrigin::inferred, {}},
                   {"more.c", "", UnitStatus::complete, UnitOrigin::inferred, {}}};
  add_worlds(build, {{windows_world(), windows}});
  CHECK(build.accounting.units_by_status == std::map<std::string, std::size_t>{{"complete", 3}});
  CHECK(build.accounting.uncovered == std::vector<std::string>{"other.c"});
  CHECK(build.units[1].config == "windows");
  CHECK(build.modules.front().verified.at("own-gil").verdict == ClaimVerdict::refuted);
}

TEST_CASE("what Windows cannot read in full has the errors of Windows") {
  const ReportedDiagnostic no_header{{"win.c", 1, 10}, Severity::error, "'windows.h' file not found"},
      no_other_header{{"win.c", 2, 10}, Severity::error, "'atlbase.h' file not found"},
      of_windows{{"win.c", 9, 3}, Severity::error, "use of undeclared identifier '__try'"},
      of_linux{{"both.c", 2, 1}, Severity::error, "unknown type name"},
      in_both{{"fine.c", 7, 1}, Severity::error, "unknown type name 'HWND'"};
  Report build = report_of({}, ClaimVerdict::missing, ClaimVerdict::missing);
  build.units = {{"both.c", "", UnitStatus::partial, UnitOrigin::inferred, {of_linux}},
                 {"fine.c", "", UnitStatus::complete, UnitOrigin::inferred, {}},
                 {"win.c", "", UnitStatus::partial, UnitOrigin::inferred, {no_header, no_other_header}}};
  build.accounting = account(build, {"only.c"});
  Report windows = report_of({}, ClaimVerdict::missing, ClaimVerdict::missing);
  windows.units = {{"both.c", "", UnitStatus::partial, UnitOrigin::inferred, {of_windows}},
                   {"fine.c", "", UnitStatus::partial, UnitOrigin::inferred, {in_both}},
                   {"only.c", "", UnitStatus::partial, UnitOrigin::inferred, {of_windows}},
                   {"win.c", "", UnitStatus::partial, UnitOrigin::inferred, {of_windows, no_other_header}}};
  add_worlds(build, {{windows_world(), windows}});
  std::vector<std::string> units;
  for (const ReportedUnit &unit : build.units)
    units.push_back(unit.file + "@" + unit.config + ": " +
                    (unit.diagnostics.empty() ? "" : unit.diagnostics.front().message));
  CHECK(units == std::vector<std::string>{"both.c@: unknown type name",
                                          "fine.c@: ", "win.c@windows: use of undeclared identifier '__try'",
                                          "fine.c@windows: unknown type name 'HWND'",
                                          "only.c@windows: use of undeclared identifier '__try'"});
  CHECK(build.accounting.uncovered.empty());
  CHECK(build.accounting.units_by_status == std::map<std::string, std::size_t>{{"complete", 1}, {"partial", 4}});
}

TEST_CASE("headers of conda, uv and pyenv are found") {
  setenv("HOME", "/home/me", 1);
  for (const char *name : {"PYENV_ROOT", "CONDA_PREFIX", "UV_PYTHON_INSTALL_DIR"})
    unsetenv(name);
  const MemoryFileSystem files(std::map<std::string, std::string>{
      {"/opt/conda/envs/work/include/python3.12/Python.h", ""},
      {"/home/me/.local/share/uv/python/cpython-3.14.0-linux/include/python3.14/Python.h", ""},
      {"/home/me/.pyenv/versions/3.13.0/include/python3.13/Python.h", ""}});
  const std::vector<PythonHeaders> found = installed_headers(files);
  REQUIRE(found.size() == 3);
  CHECK(found[0].folder == "/opt/conda/envs/work/include/python3.12");
  CHECK(found[1].minor == 13);
  CHECK(found[2].minor == 14);
}

TEST_CASE("a claim is judged in the world in which it is made") {
  Report build = report_of({}, ClaimVerdict::not_read, ClaimVerdict::not_read);
  const Report with =
      report_of({{"multiple-interpreters", "per-interpreter-gil"}}, ClaimVerdict::holds, ClaimVerdict::missing);
  const Report without = report_of({{"gil", "not-used"}}, ClaimVerdict::holds, ClaimVerdict::refuted);
  add_worlds(build, {{*world_from("3.14"), with}, {*world_from("3.14t"), without}});
  const ReportedModule &module = build.modules.front();
  CHECK(module.claims ==
        std::map<std::string, std::string>{{"gil", "not-used"}, {"multiple-interpreters", "per-interpreter-gil"}});
  CHECK(module.verified.at("own-gil").verdict == ClaimVerdict::holds);
  CHECK(module.verified.at("free-threaded").verdict == ClaimVerdict::refuted);
  REQUIRE(module.worlds.size() == 3);
  CHECK(module.worlds[0].name == "build");
  CHECK(module.worlds[2].verified.at("free-threaded").verdict == ClaimVerdict::refuted);
}

TEST_CASE("where worlds agree, the module says nothing of them") {
  Report build = report_of({{"gil", "used"}}, ClaimVerdict::holds, ClaimVerdict::holds);
  const Report same = build;
  add_worlds(build, {{*world_from("3.14"), same}, {*world_from("3.14t"), same}});
  CHECK(build.modules.front().worlds.empty());
}

TEST_CASE("a module whose name only a world knows is one module") {
  Report build = report_of({}, ClaimVerdict::not_read, ClaimVerdict::not_read);
  build.modules.front().name.clear();
  add_worlds(build, {{*world_from("3.14"), report_of({}, ClaimVerdict::missing, ClaimVerdict::missing)}});
  REQUIRE(build.modules.size() == 1);
  CHECK(build.modules.front().name == "spam");
}

TEST_CASE("silence is none where the build was not read in full") {
  Report build = report_of({}, ClaimVerdict::not_read, ClaimVerdict::not_read);
  build.accounting.units_by_status["partial"] = 1;
  const Report silent = report_of({}, ClaimVerdict::missing, ClaimVerdict::missing);
  add_worlds(build, {{*world_from("3.14"), silent}, {*world_from("3.14t"), silent}});
  CHECK(build.modules.front().verified.at("own-gil").verdict == ClaimVerdict::not_read);
}

TEST_CASE("the risk under own GILs and without the GIL is that of the worlds that have them") {
  Report build, with, without;
  add_object(build, "locked", Risk::none, Risk::high);
  add_object(build, "older", Risk::high, Risk::high);
  add_object(with, "locked", Risk::none, Risk::high);
  add_object(without, "locked", Risk::none, Risk::none);
  add_object(without, "newer", Risk::none, Risk::high);
  add_worlds(build, {{*world_from("3.14"), with}, {*world_from("3.14t"), without}});
  REQUIRE(build.objects.size() == 3);
  CHECK(build.objects[0].subject.id() == "spam.c:locked");
  CHECK(build.objects[0].risk[free_threaded] == Risk::none);
  CHECK(build.objects[1].subject.id() == "spam.c:newer");
  CHECK(build.objects[1].configs == std::vector<std::string>{"3.14t"});
  CHECK(build.objects[2].risk[own_gil] == Risk::none);
  CHECK(build.objects[2].risk[free_threaded] == Risk::none);
  CHECK(build.findings.size() == 1); // none is left of the locked and the older one
}

TEST_CASE("an error on its line hides an object in a world, and an old world says nothing of own GILs") {
  Report build, before, with;
  add_object(build, "cache", Risk::high, Risk::high);
  build.objects[0].place = {"spam.c", 3, 1};
  with.units.push_back({});
  with.units.back().file = "spam.c";
  with.units.back().status = UnitStatus::partial;
  with.units.back().diagnostics.push_back({{"spam.c", 3, 1}, Severity::error, "unknown type name 'PyFrame'"});
  add_worlds(build, {{*world_from("3.9"), before}, {*world_from("3.14"), with}});
  REQUIRE(build.objects.size() == 1);
  CHECK(build.objects[0].risk[own_gil] == Risk::high);
  with.units.back().diagnostics.back().place.line = 9;
  add_worlds(build, {{*world_from("3.14"), with}});
  CHECK(build.objects[0].risk[own_gil] == Risk::none);
  CHECK(reconcile(build).empty());
}

} // namespace ringfence
