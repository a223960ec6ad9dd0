// What is read in other worlds, and what one report says of all of them: whole scans of trees in memory.
#include <catch2/catch.hpp>

#include <algorithm>

#include "facts/part.h"
#include "report/names.h"
#include "scan/analysis.h"
#include "scan/conditions.h"
#include "scan/header_notes.h"

namespace ringfence {
namespace {

using Content = std::map<std::string, std::string>;

constexpr auto own_gil = static_cast<std::size_t>(Profile::own_gil);
constexpr auto free_threaded = static_cast<std::size_t>(Profile::free_threaded);

// Headers of Python 3.11, in as few lines as will do, and a database that reads spam.c with them.
Content tree_of(const std::string &source) {
  return {
      {"/py/Python.h",
       "#include <patchlevel.h>\n"
       "typedef struct _object { long ob_refcnt; void *ob_type; } PyObject;\ntypedef long Py_ssize_t, Py_hash_t;\n"
       "typedef struct T PyTypeObject; typedef struct F PyFrameObject; typedef struct C PyCodeObject;\n"
       "typedef struct U PyFunctionObject; typedef struct L PyLongObject; typedef struct S PyType_Spec;\n"
       "typedef struct H PyThreadState; typedef int PyStatus; typedef unsigned Py_UCS4;\n"
       "typedef unsigned long Py_uintptr_t; typedef int (*visitproc)(PyObject *, void *);\n"
       "typedef void (*freefunc)(void *);\n"
       "typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, unsigned long, PyObject *);\n"
       "typedef struct { const char *n; PyObject *(*f)(PyObject *, PyObject *); int l; const char *d; } PyMethodDef;\n"
       "typedef struct { int slot; void *value; } PyModuleDef_Slot;\n"
       "typedef struct { PyObject b; } PyModuleDef_Base;\n"
       "typedef struct PyModuleDef { PyModuleDef_Base m_base; const char *m_name; const char *m_doc;\n"
       "  Py_ssize_t m_size; PyMethodDef *m_methods; PyModuleDef_Slot *m_slots; } PyModuleDef;\n"
       "#define Py_mod_exec 2\n#define NULL ((void *)0)\n"
       "PyObject *PyModuleDef_Init(PyModuleDef *); PyObject *PyList_New(Py_ssize_t);\n"},
      {"/py/patchlevel.h", "#define PY_MINOR_VERSION 11\n#define PY_VERSION_HEX 0x030b02f0\n"},
      {"/t/compile_commands.json", R"([{"directory":"/t","file":"spam.c","arguments":["cc","-I/py","-c","spam.c"]}])"},
      {"/t/spam.c", "#include <Python.h>\n" + source +
                        "static PyMethodDef methods[] = {{\"get\", get, 1, NULL}, {NULL, NULL, 0, NULL}};\n"
                        "static PyModuleDef def = {{{0, NULL}}, \"spam\", NULL, 0, methods, slots};\n"
                        "PyObject *PyInit_spam(void) { return PyModuleDef_Init(&def); }\n"}};
}

Report scan(const Content &content, const std::vector<std::string> &worlds = {}) {
  AnalysisOptions options;
  options.source.path = "/t";
  options.source.find_worlds = worlds.empty();
  for (const std::string &name : worlds)
    options.source.worlds.push_back(*world_from(name));
  options.profiles.assign(all_profiles.begin(), all_profiles.end());
  ScanObserver silent;
  const Result<Report> report = analyse(options, MemoryFileSystem(content), silent);
  REQUIRE(report);
  return *report;
}

ClaimVerdict verdict(const Report &report, const std::string &profile) {
  return report.modules.at(0).verified.at(profile).verdict;
}

const ReportedObject *object(const Report &report, const std::string &name) {
  const auto found = std::find_if(report.objects.begin(), report.objects.end(),
                                  [&](const ReportedObject &each) { return each.subject.name == name; });
  return found == report.objects.end() ? nullptr : &*found;
}

bool has_note(const std::vector<std::string> &notes, const std::string &part) {
  return std::any_of(notes.begin(), notes.end(), [&](const std::string &note) { return note.find(part) == 0; });
}

} // namespace

TEST_CASE("a condition opens in the worlds for which it is true, where it was not in the build") {
  const World with = *world_from("3.14"), without = *world_from("3.14t");
  CHECK(opens("PY_VERSION_HEX >= 0x030D0000", with, 11));
  CHECK_FALSE(opens("PY_VERSION_HEX >= 0x030D0000", with, 13)); // something else closes it
  CHECK_FALSE(opens("PY_VERSION_HEX < 0x03080000", with, 11));
  CHECK_FALSE(opens("PY_MAJOR_VERSION < 3 && PY_MINOR_VERSION >= 7", with, 11));
  CHECK(opens("!(PY_MINOR_VERSION < 12)", with, 11));
  CHECK(opens("defined(Py_GIL_DISABLED)", without, 11));
  CHECK_FALSE(opens("defined(Py_GIL_DISABLED)", with, 11));
  CHECK(opens("defined(Py_mod_gil) && X", with, 11));
  CHECK(opens("(PY_VERSION_HEX > MINE || Y)", with, 11));
  CHECK_FALSE(opens("defined(MS_WINDOWS)", with, 11));
}

TEST_CASE("macros that open a branch are those that it asks for") {
  const std::set<std::string> macros = {"HAVE_A", "HAVE_B", "HAVE_C"};
  CHECK(opening_macros("defined(HAVE_A) && !defined(HAVE_B) && (HAVE_C || D)", macros) ==
        std::set<std::string>{"HAVE_A", "HAVE_C"});
}

TEST_CASE("a claim made from 3.12 on is not refuted by an object that exists below 3.12 alone") {
  const Report report = scan(
      tree_of("#if PY_VERSION_HEX < 0x030C0000\nstatic PyObject *cache;\n"
              "static PyObject *get(PyObject *s, PyObject *a) { if (!cache) cache = PyList_New(0); return cache; }\n"
              "#else\n"
              "static PyObject *get(PyObject *s, PyObject *a) { return PyList_New(0); }\n#endif\n"
              "static PyModuleDef_Slot slots[] = {\n#if PY_VERSION_HEX >= 0x030C0000\n"
              "  {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},\n#endif\n  {0, NULL}};\n"));
  CHECK(verdict(report, "own-gil") == ClaimVerdict::holds);
  REQUIRE(object(report, "cache"));
  CHECK(has_note(report.notes, "1 unit read also as Python 3.15"));
  CHECK_FALSE(has_note(report.notes, "1 unit read also as Python 3.15t")); // it does not speak of the GIL
}

TEST_CASE("a free list locked only without the GIL is judged without it") {
  const Report report =
      scan(tree_of("static void *free_list[8]; static int count;\n"
                   "#ifdef Py_GIL_DISABLED\nstatic PyMutex lock;\n#define LOCK() PyMutex_Lock(&lock)\n"
                   "#define UNLOCK() PyMutex_Unlock(&lock)\n#else\n#define LOCK()\n#define UNLOCK()\n#endif\n"
                   "static PyObject *get(PyObject *s, PyObject *a) {\n"
                   "  LOCK(); if (count < 8) free_list[count++] = s; UNLOCK(); return a; }\n"
                   "static PyModuleDef_Slot slots[] = {{0, NULL}};\n"));
  REQUIRE(object(report, "count"));
  CHECK(object(report, "count")->risk[free_threaded] < Risk::high);
  CHECK(has_note(report.notes, "1 unit read also as Python 3.15t"));
}

TEST_CASE("a header's condition on the GIL concerns the units that use what stands there") {
  const std::string uses = "static PyModuleDef_Slot slots[] = {{0, NULL}};\nstatic int count;\n#include \"compat.h\"\n";
  const std::string header =
      "static inline int compat_unique(PyObject *object) {\n#ifdef Py_GIL_DISABLED\n  return 0;\n"
      "#else\n  return object->ob_refcnt == 1;\n#endif\n}\n"
      "static inline int compat_alone(PyObject *object) { return compat_unique(object); }\n";
  Content idle = tree_of(uses + "static PyObject *get(PyObject *s, PyObject *a) { count++; return a; }\n");
  idle["/t/compat.h"] = header;
  CHECK_FALSE(has_note(scan(idle).notes, "1 unit read also as Python 3.15t"));
  Content used =
      tree_of(uses + "static PyObject *get(PyObject *s, PyObject *a) { count += compat_alone(a); return a; }\n");
  used["/t/compat.h"] = header;
  CHECK(has_note(scan(used).notes, "1 unit read also as Python 3.15t"));
  Content broken = idle; // an error stands in the branch that the other world leaves
  broken["/t/compat.h"] =
      "static inline int compat_unique(PyObject *object) {\n#ifdef Py_GIL_DISABLED\n  return 0;\n#else\n"
      "  return object->missing == 1;\n#endif\n}\n";
  CHECK(has_note(scan(broken).notes, "1 unit read also as Python 3.15t"));
}

TEST_CASE("a macro that declares objects is read as a newer Python defines it") {
  const Report report =
      scan(tree_of("#if PY_VERSION_HEX >= 0x030C0000\n#define KEPT static PyObject *kept\n"
                   "#else\n# define KEPT static PyObject *kept, *kind\n#endif\n"
                   "static PyObject *get(PyObject *s, PyObject *a) { KEPT; kept = PyList_New(0); return kept; }\n"
                   "static PyModuleDef_Slot slots[] = {{0, NULL}};\n"));
  CHECK(has_note(report.notes, "1 unit read also as Python 3.15"));
  REQUIRE(object(report, "kind"));
  CHECK(object(report, "kind")->risk[own_gil] == Risk::none); // no Python with own GILs has it
  CHECK(object(report, "kept")->risk[own_gil] == Risk::high);
}

TEST_CASE("a module of Python 3.15 is an exported array of slots") {
  Content tree = tree_of("");
  tree["/t/spam.c"] =
      "#include <Python.h>\n"
      "static int token, calls;\n"
      "static PyObject *get(PyObject *s, PyObject *a) { calls++; return a; }\n"
      "static PyMethodDef methods[] = {{\"get\", get, 1, NULL}, {NULL, NULL, 0, NULL}};\n"
      "static PyABIInfo abi = {1, 0, PyABIInfo_FREETHREADING_AGNOSTIC, 0, 0};\n"
      "static PySlot more[] = {PySlot_DATA(Py_mod_gil, Py_MOD_GIL_NOT_USED), PySlot_END};\n"
      "static PySlot slots[] = {PySlot_DATA(Py_mod_abi, &abi), PySlot_STATIC_DATA(Py_mod_name, \"spam\"),\n"
      "  PySlot_SIZE(Py_mod_state_size, 24), PySlot_STATIC_DATA(Py_mod_methods, methods),\n"
      "  PySlot_PTR(Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED),\n"
      "  PySlot_DATA(Py_mod_token, &token), PySlot_DATA(Py_slot_subslots, more), PySlot_END};\n"
      "PyMODEXPORT_FUNC PyModExport_spam(void) { return slots; }\n";
  const Report report = scan(tree, {"3.15"});
  const auto module = std::find_if(report.modules.begin(), report.modules.end(),
                                   [](const ReportedModule &each) { return each.init == InitKind::export_slots; });
  REQUIRE(module != report.modules.end());
  CHECK(module->name == "spam");
  CHECK(module->state_size == 24);
  CHECK(module->claims ==
        std::map<std::string, std::string>{{"gil", "not-used"}, {"multiple-interpreters", "per-interpreter-gil"}});
  CHECK(module->verified.at("free-threaded").refuted_by.size() <= 1); // calls, a counter that threads may lose
}

TEST_CASE("what a world could not read in full is counted") {
  const Content tree = tree_of("#if PY_VERSION_HEX >= 0x030C0000\nstatic int newer = MISSING;\n#endif\n"
                               "static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                               "static PyModuleDef_Slot slots[] = {{0, NULL}};\n");
  const Report report = scan(tree);
  CHECK(report.accounting.units_by_status.at("partial") == 1);
  REQUIRE(report.units.size() == 2);
  CHECK(report.units[1].config == "3.15");
  CHECK(verdict(report, "own-gil") == ClaimVerdict::not_read);
}

TEST_CASE("a claim that stands for builds without the GIL alone is not missing") {
  const Report report =
      scan(tree_of("static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                   "static PyModuleDef_Slot slots[] = {\n#ifdef Py_GIL_DISABLED\n  {Py_mod_gil, Py_MOD_GIL_NOT_USED},\n"
                   "#endif\n  {0, NULL}};\n"));
  CHECK(report.modules.at(0).claims == std::map<std::string, std::string>{{"gil", "not-used"}});
  CHECK(verdict(report, "free-threaded") == ClaimVerdict::holds);
}

TEST_CASE("what a function in a header binds is each library's own") {
  const auto library = [](const std::string &name) {
    return "#define TABLE " + name + "_table\n#include <Python.h>\n#include \"import.h\"\n" +
           "static PyModuleDef def = {{{0, NULL}}, \"" + name +
           "\", NULL, 0, NULL, NULL};\n"
           "PyObject *PyInit_" +
           name + "(void) { if (import_table() < 0) return NULL; return PyModuleDef_Init(&def); }\n";
  };
  Content tree = tree_of("");
  tree.erase("/t/spam.c");
  tree["/t/import.h"] = "PyObject *TABLE;\n"
                        "static int import_table(void) { TABLE = PyList_New(0); return TABLE ? 0 : -1; }\n";
  tree["/t/dop.c"] = library("dop");
  tree["/t/image.c"] = library("image");
  tree["/t/compile_commands.json"] = R"([{"directory":"/t","file":"dop.c","arguments":["cc","-I/py","-c","dop.c"]},
    {"directory":"/t","file":"image.c","arguments":["cc","-I/py","-c","image.c"]}])";
  const Report report = scan(tree, {"3.13"});
  REQUIRE(report.modules.size() == 2);
  CHECK(report.modules[0].verified.at("own-gil").refuted_by == std::vector<std::string>{"import.h:dop_table"});
  CHECK(report.modules[1].verified.at("own-gil").refuted_by == std::vector<std::string>{"import.h:image_table"});
}

TEST_CASE("a denial could not claim more where any of its code was not read") {
  const std::string denies =
      "static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
      "static PyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_USED},\n"
      "  {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED}, {0, NULL}};\n";
  const Report whole = scan(tree_of(denies));
  CHECK(verdict(whole, "own-gil") == ClaimVerdict::could_claim_more);
  CHECK(verdict(whole, "free-threaded") == ClaimVerdict::could_claim_more);
  const Report partial = scan(tree_of("static int broken = MISSING;\n" + denies));
  CHECK(partial.accounting.units_by_status.at("partial") == 1);
  CHECK(verdict(partial, "own-gil") == ClaimVerdict::not_read);
  CHECK(verdict(partial, "free-threaded") == ClaimVerdict::not_read);
  CHECK(partial.modules.at(0).verified.at("own-gil").reason == "spam.c:2: use of undeclared identifier 'MISSING'");
  const Report in_a_world =
      scan(tree_of("#if PY_VERSION_HEX >= 0x030D0000\nstatic int broken = MISSING;\n#endif\n" + denies));
  CHECK(verdict(in_a_world, "own-gil") == ClaimVerdict::not_read);
}

TEST_CASE("without a database the tree's own headers are read, not installed ones of the same name") {
  const Content installed = {{"/usr/include/spam/encode.h", "typedef int Quality;\n"}};
  Content own = {{"/t/c/include/spam/encode.h", "typedef struct Shared Shared; typedef int Quality;\n"},
                 {"/t/c/enc/encode.c", "#include <spam/encode.h>\nstatic Shared *last;\n"
                                       "void keep(Shared *given) { last = given; }\n"}};
  own.insert(installed.begin(), installed.end());
  const Report report = scan(own);
  CHECK(report.accounting.units_by_status.at("complete") == 1);
  REQUIRE(object(report, "last"));
  CHECK(object(report, "last")->type == "Shared *");
  CHECK(has_note(report.notes, "the tree's own headers, not the installed ones of the same name: spam/encode.h"));
}

TEST_CASE("a claim that stands where the build's headers lack its slot is read in a newer Python") {
  const Report report =
      scan(tree_of("static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                   "static PyModuleDef_Slot slots[] = {\n#ifdef Py_mod_gil\n  {Py_mod_gil, Py_MOD_GIL_NOT_USED},\n"
                   "#endif\n  {0, NULL}};\n"));
  CHECK(report.modules.at(0).claims == std::map<std::string, std::string>{{"gil", "not-used"}});
  CHECK(verdict(report, "free-threaded") == ClaimVerdict::holds);
}

TEST_CASE("a world that is the build's is not read again") {
  const Content tree = tree_of("static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                               "static PyModuleDef_Slot slots[] = {{0, NULL}};\n");
  const Report report = scan(tree, {"3.11", "3.12"});
  CHECK(has_note(report.notes, "Python 3.11 is that of the build"));
  CHECK(has_note(report.notes, "1 unit read also as Python 3.12"));
  CHECK(report.modules.size() == 1);
  CHECK(verdict(report, "own-gil") == ClaimVerdict::missing);
}

TEST_CASE("parts carry the worlds that they were read in") {
  Part part;
  part.worlds = {{"3.14", "/py"}};
  const auto same = part_from_bytes(to_bytes(part));
  REQUIRE(same);
  CHECK(same->worlds == part.worlds);
}

TEST_CASE(
    "a unit with an error is read in newer Pythons where it has conditions on versions, though they declare nothing") {
  const std::string claims = "static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                             "static PyModuleDef_Slot slots[] = {\n"
                             "  {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0, NULL}};\n";
  const std::string broken = "static int size(void) { return 1\n#if\tPY_VERSION_HEX >= 0x030C0000 // has an end\n"
                             "    ;\n#endif\n}\n";
  const Report report = scan(tree_of(claims + broken));
  CHECK(report.accounting.units_by_status.at("partial") == 1);
  CHECK(has_note(report.notes, "1 unit read also as Python 3.15"));
  CHECK(verdict(report, "own-gil") == ClaimVerdict::holds);
  CHECK_FALSE(has_note(scan(tree_of(claims + "static int size(void) { return 1 }\n")).notes, "1 unit read also"));
}

TEST_CASE("a claim that stands where its value is a macro is read in the Pythons that have it") {
  const Report report = scan(tree_of("static PyModuleDef_Slot slots[] = {\n#ifdef Py_MOD_GIL_NOT_USED\n"
                                     "  {Py_mod_gil, Py_MOD_GIL_NOT_USED},\n#endif\n  {0, NULL}};\n"
                                     "static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"));
  CHECK(has_note(report.notes, "1 unit read also as Python 3.15"));
  CHECK(report.modules.at(0).claims == std::map<std::string, std::string>{{"gil", "not-used"}});
  CHECK(verdict(report, "free-threaded") == ClaimVerdict::holds);
}

TEST_CASE("a claim behind a macro that no Python defines says which is meant") {
  const Report report =
      scan(tree_of("static PyObject *get(PyObject *s, PyObject *a) { return a; }\n"
                   "static PyModuleDef_Slot slots[] = {\n#if Py_VERSION_HEX >= 0x030C0000\n"
                   "  {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},\n#endif\n  {0, NULL}};\n"));
  CHECK(verdict(report, "own-gil") == ClaimVerdict::not_read);
  CHECK(report.modules.at(0).verified.at("own-gil").reason ==
        "spam.c:5: Py_mod_multiple_interpreters stands where Py_VERSION_HEX >= 0x030C0000: no Python defines "
        "Py_VERSION_HEX, PY_VERSION_HEX is meant");
}

TEST_CASE("a branch that only a macro of the build opens is read once more, and marked") {
  const std::string source =
      "int use(void);\n#ifdef HAVE_SASL\nstatic int sasl; int use(void) { return sasl++; }\n#endif\n";
  const Report report = scan({{"/t/a.c", source}, {"/t/setup.py", "macros.append(('HAVE_SASL', None))\n"}});
  REQUIRE(object(report, "sasl"));
  CHECK(object(report, "sasl")->configs == std::vector<std::string>{"build-macros"});
  CHECK(report.inactive.empty());
  CHECK_FALSE(object(scan({{"/t/a.c", source}}), "sasl")); // nothing names the macro
}

TEST_CASE("a branch that a header opens, which only a macro of the build opens, is read once more") {
  const Report report =
      scan({{"/t/a.c",
             "#include \"all.h\"\n#ifdef HAS_HEAP\nstatic int warned; int use(void) { return warned++; }\n#endif\n"},
            {"/t/all.h", "#if defined(SPAM_LINUX)\n#include \"linux.h\"\n#endif\n"},
            {"/t/linux.h", "#define HAS_HEAP\n"},
            {"/t/setup.py", "elif LINUX:\n    macros.append(('SPAM_LINUX', 1))\n"}});
  REQUIRE(object(report, "warned"));
  CHECK(object(report, "warned")->configs == std::vector<std::string>{"build-macros"});
}

TEST_CASE("Windows and Linux in one run: each has its own units, and each unit the errors of its system") {
  const std::string headers = "/usr/x86_64-w64-mingw32/include/";
  const Content tree = {{"/t/compile_commands.json", R"([{"directory":"/t","file":"a.c","arguments":["cc","-c","a.c"]},
        {"directory":"/t","file":"user.c","arguments":["cc","-I/sys","-c","user.c"]}])"},
                        {"/t/a.c", "#ifdef _WIN32\nstatic int there; int use(void) { return there++; }\n#else\n"
                                   "static int here; int use(void) { return here++; }\n#endif\n"},
                        {"/sys/pwd.h", "typedef int uid;\n"},
                        {"/t/user.c", "#include <pwd.h>\nstatic uid last; uid next(void) { return ++last; }\n"},
                        {"/t/win.c",
                         "#include <windows.h>\nstatic HANDLE kept; void keep(HANDLE given) { kept = given; }\n"
                         "static int bad = MISSING;\n"},
                        {headers + "windows.h", "typedef void *HANDLE;\n"}};
  const Report report = scan(tree, {"3.13", "windows"});
  REQUIRE(object(report, "there"));
  CHECK(object(report, "there")->configs == std::vector<std::string>{"windows"});
  REQUIRE(object(report, "here"));
  CHECK(object(report, "here")->configs.empty());
  REQUIRE(object(report, "last"));
  CHECK(object(report, "last")->configs.empty());
  REQUIRE(object(report, "kept"));
  std::vector<std::string> units;
  for (const ReportedUnit &unit : report.units)
    units.push_back(unit.file + "@" + unit.config + ": " +
                    (unit.diagnostics.empty() ? "" : unit.diagnostics.front().message));
  CHECK(units ==
        std::vector<std::string>{"a.c@: ", "user.c@: ", "win.c@windows: use of undeclared identifier 'MISSING'"});
  CHECK(has_note(report.notes, "3 units read also as on Windows, with the headers of MinGW; 1 of them need"));
  CHECK(has_note(report.notes, "objects by world: build 2, 3.13 2, windows 3; together 5"));
}

TEST_CASE("Microsoft's extensions and names of headers in another case are read on Windows") {
  const Content tree = {
      {"/t/win.c",
       "#include <Windows.h>\nstatic int checked; static HANDLE handle;\n"
       "int check(void) { if (checked) return handle != 0; checked = 1; handle = LoadLibraryA(\"python3\");\n"
       "  return handle != 0; }\n"
       "static int faults;\nint probe(int *p) { __try { return *p; } __except (1) { return ++faults; } }\n"},
      {"/usr/x86_64-w64-mingw32/include/windows.h",
       "typedef void *HANDLE;\n__declspec(dllimport) HANDLE __stdcall LoadLibraryA(const char *);\n"}};
  const Report report = scan(tree, {"3.13", "3.13t", "windows"});
  CHECK(report.accounting.units_by_status == std::map<std::string, std::size_t>{{"complete", 1}});
  REQUIRE(object(report, "checked"));
  CHECK(object(report, "checked")->rule.starts_with("RF109"));
  CHECK(object(report, "checked")->risk[free_threaded] > Risk::low); // though no other world has it
  CHECK(object(report, "faults"));
}

TEST_CASE("on Windows functions take wide strings where the build says so") {
  Content tree = {{"/usr/x86_64-w64-mingw32/include/windows.h", ""},
                  {"/t/spam.c", "#ifdef UNICODE\nstatic int wide;\n#endif\nint get(void) {\n"
                                "#ifdef UNICODE\n  return wide++;\n#else\n  return 0;\n#endif\n}\n"}};
  const Report narrow = scan(tree, {"windows"});
  CHECK_FALSE(object(narrow, "wide"));
  tree["/t/setup.py"] = "macros = []\nmacros += [(\"UNICODE\", None)]\n";
  const Report wide = scan(tree, {"windows"});
  REQUIRE(object(wide, "wide"));
  CHECK(object(wide, "wide")->configs == std::vector<std::string>{"windows"});
}

TEST_CASE("what another system alone compiles is said not to be read") {
  const std::string use = " int use(void) { return held++; }\n";
  const Report report = scan({{"/t/a.c", "#ifdef __APPLE__\nstatic int held;" + use + "#elif defined(_WIN32)\n" +
                                             "static int held;" + use + "static int more;\n#endif\n"}});
  CHECK(has_note(report.notes, "not read: what only macOS compiles (1 name, listed as inactive)"));
  CHECK(has_note(report.notes, "not read: what only Windows compiles (2 names, listed as inactive): --world windows"));
}

TEST_CASE("on Windows CPython's tree says itself how it is configured") {
  const Content tree = {
      {"/t/compile_commands.json", R"([{"directory":"/t","file":"a.c","arguments":["cc","-I/py","-c","a.c"]}])"},
      {"/t/a.c", "#include <pyconfig.h>\n#ifdef OF_THE_TREE\nstatic int found; int use(void) { return found++; }\n"
                 "#endif\n#ifdef OF_LINUX\nstatic int other; int on(void) { return other++; }\n#endif\n"},
      {"/usr/share/mingw-w64/include/windows.h", ""},
      {"/py/Python.h", ""},
      {"/py/pyconfig.h", "#define OF_LINUX 1\n"},
      {"/t/PC/winreg.c", ""},
      {"/t/PC/pyconfig.h.in", "#define OF_THE_TREE\n"}};
  const Report report = scan(tree, {"windows"});
  REQUIRE(object(report, "found"));
  CHECK(object(report, "found")->configs == std::vector<std::string>{"windows"});
  REQUIRE(object(report, "other"));
  CHECK(object(report, "other")->configs.empty());
}

TEST_CASE("modules of one name are told apart, and so is what they call") {
  const auto module = [](const std::string &declaration) {
    return "typedef struct _object PyObject;\n" + declaration +
           "\nPyObject *PyModule_Create2(void *, int);\n"
           "static struct PyModuleDef { const char *m_name; } def = {\"spam\"};\n"
           "PyObject *PyInit_spam(void) { cached(); return PyModule_Create2(&def, 3); }\n";
  };
  const auto cached = [](const std::string &system) {
    return "typedef struct _object PyObject;\n#include \"" + system + ".h\"\nPyObject *PyList_New(long);\n" +
           "static PyObject *list_of_" + system + ";\nPyObject *cached(void) { if (!list_of_" + system + ") list_of_" +
           system + " = PyList_New(0); return list_of_" + system + "; }\n";
  };
  Content tree = {{"/t/one.h", "PyObject *cached(void);\n"},
                  {"/t/two.h", "PyObject *cached(void);\n"},
                  {"/t/spam_one.c", module("#include \"one.h\"")},
                  {"/t/spam_two.c", module("#include \"two.h\"")},
                  {"/t/one.c", cached("one")},
                  {"/t/two.c", cached("two")}};
  const Report report = scan(tree);
  REQUIRE(report.modules.size() == 2);
  CHECK(report.modules[0].place.file == "spam_one.c");
  CHECK(report.modules[1].place.file == "spam_two.c");
  CHECK(report.modules[0].verified.at("own-gil").refuted_by == std::vector<std::string>{"one.c:list_of_one"});
  CHECK(report.modules[1].verified.at("own-gil").refuted_by == std::vector<std::string>{"two.c:list_of_two"});
  // By the folder of its declaration, where no definition reads that.
  Content folders;
  for (const auto &[path, text] : tree)
    folders[path == "/t/one.c" || path == "/t/two.c" ? "/t/" + path.substr(3, 3) + "/def.c" : path] = text;
  for (const std::string system : {"one", "two"}) {
    folders["/t/" + system + "/decl.h"] = "PyObject *cached(void);\n";
    folders["/t/spam_" + system + ".c"] = module("#include \"" + system + "/decl.h\"");
    folders.erase("/t/" + system + ".h");
  }
  CHECK(scan(folders).modules.at(1).verified.at("own-gil").refuted_by ==
        std::vector<std::string>{"two/def.c:list_of_two"});
  // Where it cannot be told which is meant, both are.
  tree["/t/spam_one.c"] = module("PyObject *cached(void);");
  CHECK(scan(tree).modules.at(0).verified.at("own-gil").refuted_by ==
        std::vector<std::string>{"one.c:list_of_one", "two.c:list_of_two"});
}

TEST_CASE("missing headers are ranked, with what brings each") {
  const MemoryFileSystem files(
      {{"/t/.gitmodules", "[submodule \"x\"]\n\tpath = extern/fmtlib\n"},
       {"/t/src/config.h.in", ""},
       {"/t/setup.py", "depends=[\"src/system.h\", \"extern/fmtlib/format.h\"], name=\"a.config.hidden\""},
       {"/t/pyproject.toml", "requires = [\"cppy>=1.1\"]"}});
  std::vector<UnitSummary> units;
  const auto unit = [&](const std::string &id, const std::string &header) {
    UnitSummary summary;
    summary.id = summary.file = id;
    summary.status = UnitStatus::partial;
    summary.diagnostics.push_back({Severity::fatal, "'" + header + "' file not found", {}});
    units.push_back(summary);
  };
  unit("a.c", "numpy/arrayobject.h");
  unit("b.c", "numpy/arrayobject.h");
  unit("c.c", "config.h");
  unit("d.c", "fmtlib/format.h");
  unit("e.c", "system.h");
  SourceTree tree;
  tree.root = "/t";
  tree.builds = {"setup.py", "src/config.h.in"};
  const std::vector<std::string> notes =
      notes_on_headers(units, tree, "3.12", files, [](const std::string &header) -> std::vector<std::string> {
        return header.starts_with("numpy/") ? std::vector<std::string>{"python3-numpy"} : std::vector<std::string>();
      });
  CHECK(notes ==
        std::vector<std::string>{
            "warning: 5 of 5 units not read in full: what follows is of the rest",
            "missing header numpy/arrayobject.h (2 units): in the package python3-numpy",
            "missing header config.h (1 unit): the build makes it (src/config.h.in): build first, or record the "
            "build with `ringfence capture`",
            "missing header fmtlib/format.h (1 unit): the submodule extern/fmtlib is empty: git submodule update "
            "--init",
            "missing header system.h (1 unit): the build makes it (setup.py): build first, or record the build with "
            "`ringfence capture`"});
  units.clear();
  unit("a.cpp", "cppy/cppy.h");
  unit("a2.cpp", "cppy/ptr.h");
  unit("b.c", "sys/acl.h");
  units.push_back({});
  units.back().status = UnitStatus::complete;
  const MemoryFileSystem named(
      {{"/t/pyproject.toml", "[build-system]\nrequires = [\"cppy>=1.1\"]\n"}, {"/t/setup.py", ""}});
  const std::vector<std::string> commands =
      notes_on_headers(units, tree, "3.12", named, [](const std::string &) { return std::vector<std::string>(); });
  REQUIRE(commands.size() == 3);
  CHECK(commands[1] ==
        "missing headers cppy/cppy.h, cppy/ptr.h (2 units): pyproject.toml names the package cppy: `python3 -m pip "
        "install cppy` in an environment, then --python of that environment, or record the build with "
        "`ringfence capture`");
  CHECK(commands[2] ==
        "missing header sys/acl.h (1 unit): install what brings it, say -I and its folder, or record the "
        "build with `ringfence capture`");
}

TEST_CASE("a package that the project's metadata requires is named, not a word of its metadata") {
  const MemoryFileSystem files(
      Content{{"/t/pyproject.toml", "[build-system]\n  requires = [\n  'setuptools_scm[toml]', 'cppy>=1.3',\n]\n"
                                    "[project]\nkeywords = [\"ldap\"]\n"}});
  std::vector<UnitSummary> units(1);
  units[0].status = UnitStatus::partial;
  for (const std::string header : {"cppy/cppy.h", "ldap.h"})
    units[0].diagnostics.push_back({Severity::fatal, "'" + header + "' file not found", {}});
  SourceTree tree;
  tree.root = "/t";
  const std::vector<std::string> notes =
      notes_on_headers(units, tree, "", files, [](const std::string &) { return std::vector<std::string>(); });
  CHECK(has_note(
      notes,
      "missing header cppy/cppy.h (1 unit): pyproject.toml names the package cppy: `python3 -m pip install cppy`"));
  CHECK(has_note(notes, "missing header ldap.h (1 unit): install what brings it, say -I"));
}

TEST_CASE("headers older than the project's Python are said first") {
  const MemoryFileSystem files({{"/py/Python.h", ""}, {"/py/patchlevel.h", "#define PY_MINOR_VERSION 11\n"}});
  SourceTree tree;
  tree.root = "/t";
  tree.units.resize(1);
  tree.units[0].arguments = {"-x", "c", "-I/py"};
  const auto notes = [&](const std::string &required) {
    return notes_on_headers({}, tree, required, files, [](const std::string &) { return std::vector<std::string>(); });
  };
  CHECK(notes("3.12") == std::vector<std::string>{"warning: Python's headers are of 3.11; the project requires 3.12"});
  CHECK(notes("3.11").empty());
  CHECK(notes("").empty());
}

} // namespace ringfence
