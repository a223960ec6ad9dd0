// What newer Pythons added, behind the Python.h that is installed.
#include <catch2/catch.hpp>

#include <algorithm>

#include "extract/parse/python_names.h"
#include "extract_source.h"
#include "facts/unread.h"

namespace ringfence {
namespace {

// As an old Python has it, in as few lines as will do.
constexpr const char *old_python = R"(#ifndef Py_PYTHON_H
#define Py_PYTHON_H
#include <stddef.h>
#define PY_VERSION_HEX 0x030B02f0
#define PY_MINOR_VERSION 11
typedef struct _object { long ob_refcnt; void *ob_type; } PyObject;
typedef struct { int slot; void *value; } PyModuleDef_Slot;
typedef struct T PyTypeObject; typedef struct F PyFrameObject; typedef struct C PyCodeObject;
typedef struct U PyFunctionObject; typedef struct L PyLongObject; typedef struct S PyType_Spec;
typedef struct H PyThreadState; typedef int PyStatus; typedef long Py_ssize_t, Py_hash_t;
typedef unsigned Py_UCS4; typedef unsigned long Py_uintptr_t;
typedef int (*visitproc)(PyObject *, void *); typedef void (*freefunc)(void *);
typedef PyObject *(*vectorcallfunc)(PyObject *, PyObject *const *, size_t, PyObject *);
#endif
)";

TuFacts with_old_python(const std::string &text, std::vector<std::string> arguments = {}) {
  arguments.push_back("-I../outside");
  return extract_source({"a.c", "#include <Python.h>\n" + text, {{"../outside/Python.h", old_python}}, arguments});
}

std::vector<std::int64_t> integers(const TuFacts &facts) {
  std::vector<std::int64_t> values;
  for (const InitialiserEntry &entry : facts.initialisers)
    if (entry.kind == InitialiserEntry::Kind::integer)
      values.push_back(entry.integer);
  return values;
}

} // namespace

TEST_CASE("a name that the installed headers lack is declared for the unit that uses it") {
  const TuFacts facts = with_old_python("static PyModuleDef_Slot slots[] = {\n"
                                        "  {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},\n"
                                        "  {Py_mod_gil, Py_MOD_GIL_NOT_USED}};\n"
                                        "void *use(void) { return slots; }\n"
                                        "static PyMutex mutex;\n"
                                        "void locked(void) { PyMutex_Lock(&mutex); }\n");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(integers(facts) == std::vector<std::int64_t>{3, 2, 4, 1});
  CHECK(object(facts, "a.c:mutex").type.lock);
}

TEST_CASE("what a project declares itself for old headers stays its own") {
  const TuFacts facts = with_old_python("static int PyDict_GetItemRef(PyObject *d, PyObject *k, PyObject **r)\n"
                                        "{ *r = d == k ? d : 0; return 0; }\n"
                                        "int use(PyObject *d, PyObject **r) { return PyDict_GetItemRef(d, d, r); }\n"
                                        "#ifdef Py_mod_gil\nstatic int newer;\n#endif\n");
  CHECK(facts.status == UnitStatus::complete);
  CHECK_FALSE(has_object(facts, "a.c:newer"));
}

TEST_CASE("a C function that nothing declares gets the type that it has in newer headers") {
  const TuFacts facts = with_old_python("PyObject *one(PyObject *o) { return Py_NewRef(o); }\n");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(function(facts, "Py_NewRef").return_type == "PyObject *");
}

TEST_CASE("a unit is read as by another Python") {
  const std::string text =
      "#if PY_VERSION_HEX >= 0x030D0000\nstatic int newer = Py_mod_gil;\n#else\nstatic int older;\n"
      "#endif\n#ifdef PySlot_END\nstatic int newest;\n#endif\n"
      "#ifdef Py_tp_token\nstatic int of_3_14 = PY_MINOR_VERSION;\n#endif\n";
  const TuFacts own = with_old_python(text);
  CHECK(has_object(own, "a.c:older"));
  CHECK_FALSE(has_object(own, "a.c:newer"));
  const TuFacts as_3_13 = with_old_python(text, {"-DRINGFENCE_PYTHON=0x030D00F0"});
  CHECK(as_3_13.status == UnitStatus::complete);
  CHECK(has_object(as_3_13, "a.c:newer"));
  CHECK_FALSE(has_object(as_3_13, "a.c:older"));
  CHECK_FALSE(has_object(as_3_13, "a.c:of_3_14"));
  CHECK(has_object(with_old_python(text, {"-DRINGFENCE_PYTHON=0x030E00F0"}), "a.c:of_3_14"));
}

TEST_CASE("a newer name that internal headers define is theirs, and is declared where it is used without them") {
  const std::vector<std::string> as_3_15 = {"-DRINGFENCE_PYTHON=0x030F00F0"};
  const std::string use = "int held(PyMutex *mutex) { return PyMutex_IsLocked(mutex); }\n";
  CHECK(with_old_python("static inline int PyMutex_IsLocked(PyMutex *mutex) { return mutex != 0; }\n" + use, as_3_15)
            .status == UnitStatus::complete);
  CHECK(with_old_python(use, as_3_15).status == UnitStatus::complete);
}

TEST_CASE("a member that the installed headers lack is told apart from an error of the project") {
  const TuFacts facts = with_old_python("typedef struct { int a; } Own;\n"
                                        "int f(PyObject *o, Own *own) { return o->ob_tid + own->b; }\n");
  CHECK(facts.status == UnitStatus::partial);
  REQUIRE(facts.diagnostics.size() == 2);
  CHECK(
      facts.diagnostics[0].message ==
      "no member named 'ob_tid' in 'struct _object'; the record is not the project's: its headers are older or newer");
  CHECK(facts.diagnostics[1].message == "no member named 'b' in 'Own'");
}

TEST_CASE("all names are declared together, in C and in C++") {
  for (const char *file : {"a.c", "a.cc"}) {
    const TuFacts facts = extract_source({file,
                                          "#include <Python.h>\nstatic int last = Py_mod_token;\n",
                                          {{"../outside/Python.h", old_python}},
                                          {"-I../outside", "-DRINGFENCE_PYTHON=0x030F00F0"}});
    INFO(file << ": " << (facts.diagnostics.empty() ? "" : facts.diagnostics.front().message));
    CHECK(facts.status == UnitStatus::complete);
  }
}

TEST_CASE("a slot table with a name that nothing declares is read for its other entries") {
  const TuFacts facts = with_old_python("static int exec(PyObject *m) { return m == 0; }\n"
                                        "static PyModuleDef_Slot slots[] = {\n"
                                        "  {2, (void *)exec}, {OWN_SLOT, 0}, {Py_mod_gil, OWN_VALUE}, {0, 0}};\n"
                                        "void *use(void) { return slots; }\n");
  CHECK(facts.status == UnitStatus::partial);
  REQUIRE(facts.diagnostics.size() >= 1);
  CHECK(facts.diagnostics.front().message == "use of undeclared identifier 'OWN_SLOT'");
  CHECK(facts.diagnostics.front().location.line == 4);
  std::size_t unread = 0, functions = 0;
  for (const InitialiserEntry &entry : facts.initialisers) {
    unread += entry.kind == InitialiserEntry::Kind::integer && is_unread(entry.integer);
    functions += entry.kind == InitialiserEntry::Kind::function;
  }
  CHECK(unread == 2);
  CHECK(functions == 1);
}

} // namespace ringfence
