"""`ringfence migrate`: what it writes compiles, answers as before in one interpreter, and keeps interpreters apart."""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import unittest

import jsonschema
import yaml

from support import PROJECT, run

SPAM = """\
#include <Python.h>

static PyObject *SpamError;
static int calls;
static PyObject *cache; /* made at first use */
static long limit = 10;
#define COUNT() (calls++)

/* Says how often. */
static PyObject *
spam_count(PyObject *self, PyObject *args)
{
    static PyObject *last;
    if (!cache)
        cache = PyDict_New();
    COUNT();
    Py_XDECREF(last);
    last = PyLong_FromLong(calls + limit);
    Py_INCREF(last);
    return last;
}

static PyObject *
spam_limit(PyObject *self, PyObject *args)
{
    if (!PyArg_ParseTuple(args, "l", &limit))
        return NULL;
    return PyLong_FromLong(limit);
}

static PyMethodDef methods[] = {
    {"count", spam_count, METH_NOARGS, NULL},
    {"limit", spam_limit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static int
spam_exec(PyObject *m)
{
    SpamError = PyErr_NewException("spam.Error", NULL, NULL);
    if (SpamError == NULL)
        return -1;
    Py_INCREF(SpamError);
    return PyModule_AddObject(m, "Error", SpamError);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
"""

# Two interpreters that share a GIL: `import spam` in each, three calls in the first, then one in the second.
HOST = """
#include <Python.h>
static long count(void) {
  PyObject *m = PyImport_ImportModule("spam"), *r = m ? PyObject_CallMethod(m, "count", NULL) : NULL;
  if (!r) { PyErr_Print(); return -1; }
  long n = PyLong_AsLong(r); Py_DECREF(r); Py_DECREF(m); return n;
}
PyMODINIT_FUNC PyInit_spam(void);
int main(void) {
  PyImport_AppendInittab("spam", PyInit_spam);
  Py_InitializeEx(0);
  PyThreadState *home = PyThreadState_Get();
  count(); count(); long first = count();
  PyThreadState *other = Py_NewInterpreter();
  long second = count();
  Py_EndInterpreter(other);
  PyThreadState_Swap(home);
  printf("%ld %ld %ld\\n", first, second, count());
  return Py_FinalizeEx();
}
"""


# A module of two files that share variables by a header.
SHARED_H = """\
#ifndef SPAM_H
#define SPAM_H
#include <Python.h>

extern PyObject *SpamError; /* raised by all */
extern long calls;
extern PyObject *last;
#define NOTE() (calls++)

PyObject *spam_work(void);

#endif
"""
SHARED_C = """\
#include "spam.h"

PyObject *SpamError;
long calls = 10;
static PyObject *cache;

static PyObject *
spam_count(PyObject *self, PyObject *args)
{
    PyObject *done;
    NOTE();
    if (!cache)
        cache = PyDict_New();
    done = spam_work();
    if (done == NULL)
        return NULL;
    Py_DECREF(done);
    if (PyDict_SetItemString(cache, "last", last) < 0)
        return NULL;
    return PyLong_FromLong(calls);
}

static PyMethodDef methods[] = {{"count", spam_count, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};

static int
spam_exec(PyObject *m)
{
    SpamError = PyErr_NewException("spam.Error", NULL, NULL);
    if (SpamError == NULL)
        return -1;
    Py_INCREF(SpamError);
    return PyModule_AddObject(m, "Error", SpamError);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, spam_exec}, {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyModuleDef_Init(&def);
}
"""
SHARED_WORK = """\
#include "spam.h"

PyObject *last;

PyObject *
spam_work(void)
{
    if (calls > 1000) {
        PyErr_SetString(SpamError, "too often");
        return NULL;
    }
    Py_XDECREF(last);
    last = PyLong_FromLong(++calls);
    Py_XINCREF(last);
    return last;
}
"""


# A module of the old style: single-phase init, a static type with a base, sub-table and weak references.
EGGS = """\
#include <Python.h>
#include <structmember.h>

typedef struct { PyObject_HEAD PyObject *weak; long n; } Egg;

static PyObject *EggError;

static void
egg_dealloc(Egg *self)
{
    if (self->weak)
        PyObject_ClearWeakRefs((PyObject *)self);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static Py_ssize_t egg_length(Egg *self) { return self->n; }

static PySequenceMethods egg_sequence = {.sq_length = (lenfunc)egg_length};

static PyTypeObject EggType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "eggs.Egg",             /* tp_name */
    sizeof(Egg),
    0,
    (destructor)egg_dealloc,
    .tp_as_sequence = &egg_sequence,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_weaklistoffset = offsetof(Egg, weak),
};

static PyTypeObject QuailType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "eggs.Quail",
    .tp_basicsize = sizeof(Egg),
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

static PyObject *
eggs_is(PyObject *self, PyObject *object)
{
    if (!PyObject_TypeCheck(object, &EggType)) {
        PyErr_SetNone(EggError);
        return NULL;
    }
    return PyUnicode_FromString(EggType.tp_name);
}

static PyMethodDef eggs_methods[] = {{"is_egg", eggs_is, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static struct PyModuleDef eggs_module = {
    PyModuleDef_HEAD_INIT,
    "eggs",
    NULL,
    -1,           /* m_size */
    eggs_methods
};

PyMODINIT_FUNC
PyInit_eggs(void)
{
    PyObject *m = PyModule_Create(&eggs_module);
    if (m == NULL)
        return NULL;
    EggType.tp_new = PyType_GenericNew;
    QuailType.tp_base = &EggType;
    if (PyType_Ready(&EggType) < 0 || PyType_Ready(&QuailType) < 0) {
        Py_DECREF(m);
        return NULL;
    }
    EggError = PyErr_NewException("eggs.Error", NULL, NULL);
    if (PyModule_AddObject(m, "Egg", (PyObject *)&EggType) < 0)
        return NULL;
    return m;
}
"""

EGGS_AFTER = [
    "    PyTypeObject *type = Py_TYPE(self);\n    if (self->weak)",
    "    Py_TYPE(self)->tp_free((PyObject *)self);\n    Py_DECREF(type);\n}",
    "    {Py_tp_dealloc, egg_dealloc},\n    {Py_sq_length, egg_length},\n    {Py_tp_new, PyType_GenericNew},\n",
    '    {"__weaklistoffset__", T_PYSSIZET, offsetof(Egg, weak), READONLY, NULL},\n',
    '    .name = "eggs.Egg",\n    .basicsize = sizeof(Egg),\n'
    "    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,\n    .slots = EggType_slots,\n",
    "PyObject_TypeCheck(object, statics->EggType)",
    "PyUnicode_FromString(statics->EggType->tp_name)",
    "    0,            /* m_size */\n    eggs_methods,\n    eggs_slots\n",
    "static int\neggs_exec(PyObject *m)\n{\n",
    "make_type(&statics->EggType, m, &EggType_spec, NULL) < 0 || "
    "make_type(&statics->QuailType, m, &QuailType_spec, statics->EggType) < 0",
    "    Py_INCREF(statics->EggType);\n    if (PyModule_AddObject(m, \"Egg\", (PyObject *)statics->EggType) < 0)\n"
    "        return -1;\n    return 0;\n}",
    "PyMODINIT_FUNC\nPyInit_eggs(void)\n{\n    return PyModuleDef_Init(&eggs_module);\n}",
]


# The same in C++: what has a constructor stays.
CXX = """\
#include <Python.h>

struct Text { Text() : size(0) {} int size; };
struct Egg { PyObject_HEAD long n; };

static PyObject *cache = nullptr;
static Text text;
namespace {
long calls = 3;
}

static void
egg_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject EggType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    "eggs.Egg",             /* tp_name */
    sizeof(Egg),
    0,
    egg_dealloc,
};

static PyObject *
eggs_count(PyObject *self, PyObject *)
{
    if (!cache)
        cache = PyList_New(0);
    text.size++;
    return Py_BuildValue("(Olii)", cache, ++calls, text.size, PyObject_TypeCheck(self, &EggType));
}

static PyMethodDef eggs_methods[] = {{"count", eggs_count, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef eggs_module = {PyModuleDef_HEAD_INIT, "eggs", nullptr, -1, eggs_methods};

PyMODINIT_FUNC
PyInit_eggs(void)
{
    EggType.tp_new = PyType_GenericNew;
    if (PyType_Ready(&EggType) < 0)
        return NULL;
    PyObject *m = PyModule_Create(&eggs_module);
    if (!m)
        return NULL;
    Py_INCREF(&EggType);
    PyModule_AddObject(m, "Egg", (PyObject *)&EggType);
    return m;
}
"""

# What a type shows, and whether a thousand instances give its references back.
TYPES = """
import eggs, gc, sys, weakref
egg = eggs.Egg()
Quail = next(kind for kind in eggs.Egg.__subclasses__() if kind.__name__ == "Quail")
def raises(code):
    try: exec(code, globals())
    except Exception as error: return type(error).__name__
class Duck(eggs.Egg): pass
def kept(kind):
    for _ in range(3): gc.collect()
    before = sys.getrefcount(kind)
    for _ in range(1000): kind()
    gc.collect()
    return sys.getrefcount(kind) - before
print([repr(eggs.Egg), eggs.Egg.__module__, eggs.Egg.__doc__, len(egg), weakref.ref(egg)() is egg, eggs.is_egg(egg),
       raises("eggs.Egg.x = 1"), raises("eggs.is_egg(1)"), raises("Quail()"), eggs.Egg.__basicsize__,
       kept(eggs.Egg), kept(Duck), len(Duck())])
"""


# Instances with a `__module__` of their own: by a getter and a setter, by a getter alone, by a member, by inheritance.
OWN_MODULE = """\
#include <Python.h>
#include <structmember.h>
#include <stddef.h>

typedef struct { PyObject_HEAD PyObject *module; } Egg;

static PyObject *
egg_get_module(Egg *self, void *closure)
{
    PyObject *module = self->module ? self->module : Py_None;
    Py_INCREF(module);
    return module;
}

static int
egg_set_module(Egg *self, PyObject *value, void *closure)
{
    PyObject *old = self->module;
    Py_XINCREF(value);
    self->module = value;
    Py_XDECREF(old);
    return 0;
}

static PyObject *
egg_getattro(Egg *self, PyObject *name)
{
    PyObject *found = PyObject_GenericGetAttr((PyObject *)self, name);
    if (found != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError))
        return found;
    PyErr_Clear();
    return PyUnicode_FromFormat("no %U", name);
}

static void
egg_dealloc(Egg *self)
{
    Py_XDECREF(self->module);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyGetSetDef egg_getset[] = {
    {"other", (getter)egg_get_module, NULL, NULL, NULL},
    {"__module__", (getter)egg_get_module,
     (setter)egg_set_module, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL}
};
static PyGetSetDef hen_getset[] = {{"__module__", (getter)egg_get_module, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyMemberDef duck_members[] = {
    {"other", T_OBJECT, offsetof(Egg, module), 0, NULL},
    {"__module__", T_OBJECT, offsetof(Egg, module), READONLY, NULL},
    {NULL, 0, 0, 0, NULL}
};

static PyObject *
egg_has(PyObject *self, PyObject *name)
{
    return PyBool_FromLong(PyObject_HasAttr((PyObject *)Py_TYPE(self), name));
}

static PyMethodDef egg_methods[] = {{"has", egg_has, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static PyTypeObject EggType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "eggs.Egg",
    .tp_basicsize = sizeof(Egg),
    .tp_dealloc = (destructor)egg_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = egg_methods,
    .tp_getset = egg_getset,
    .tp_new = PyType_GenericNew,
};
static PyTypeObject QuailType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "eggs.Quail",
    .tp_basicsize = sizeof(Egg),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_getattro = (getattrofunc)egg_getattro,
    .tp_base = &EggType,
};
static PyTypeObject HenType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "eggs.Hen",
    .tp_basicsize = sizeof(Egg),
    .tp_dealloc = (destructor)egg_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_getset = hen_getset,
    .tp_new = PyType_GenericNew,
};
static PyTypeObject DuckType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "eggs.Duck",
    .tp_basicsize = sizeof(Egg),
    .tp_dealloc = (destructor)egg_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = duck_members,
    .tp_new = PyType_GenericNew,
};

static int
add(PyObject *m, const char *name, PyTypeObject *type)
{
    Py_INCREF(type);
    return PyModule_AddObject(m, name, (PyObject *)type);
}

static struct PyModuleDef eggs_module = {PyModuleDef_HEAD_INIT, "eggs", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC
PyInit_eggs(void)
{
    PyObject *m;
    if (PyType_Ready(&EggType) < 0 || PyType_Ready(&QuailType) < 0)
        return NULL;
    if (PyType_Ready(&HenType) < 0)
        return NULL;
    if (PyType_Ready(&DuckType) < 0)
        return NULL;
    m = PyModule_Create(&eggs_module);
    if (m == NULL)
        return NULL;
    if (add(m, "Egg", &EggType) < 0 || add(m, "Quail", &QuailType) < 0 || add(m, "Hen", &HenType) < 0 ||
        add(m, "Duck", &DuckType) < 0) {
        Py_DECREF(m);
        return NULL;
    }
    return m;
}
"""
MODULES = """
import eggs
class Wild(eggs.Egg): pass
class Bare(eggs.Quail): pass
def tried(code, it):
    try: return eval(code, {"it": it})
    except Exception as error: return f"{type(error).__name__}: {error}"
for kind in (eggs.Egg, eggs.Quail, eggs.Hen, eggs.Duck, Wild, Bare):
    it = kind()
    for code in ("type(it).__module__", "it.__module__", "setattr(it, '__module__', 'a')", "it.__module__",
                 "setattr(it, 'other', 'b')", "it.other", "it.__module__", "delattr(it, '__module__')", "it.__module__",
                 "it.has('__annotations__')", "it.has('other')", "'__annotations__' in vars(type(it))", "it.nothing", "it.__getattribute__(3)", "repr(it)[:12]"):
        print(kind.__name__, code, tried(code, it))
"""


class Migrate(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, text, name="spam.c"):
        (self.folder / name).write_text(textwrap.dedent(text))

    def migrate(self, *arguments, code=0):
        done = run("migrate", self.folder, "-q", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout

    def answers(self):
        """What the host prints with the sources of the folder."""
        host = self.folder.parent / (self.folder.name + "-host.c")
        host.write_text(HOST)
        program = host.with_suffix("")
        self.addCleanup(host.unlink, missing_ok=True)
        variables = sysconfig.get_config_vars()
        sources = [host, *self.folder.glob("*.c")]
        built = subprocess.run(["cc", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers",
                                "-Wno-pedantic", "-isystem", sysconfig.get_path("include"), *sources, "-o", program, "-pthread",
                                f"-L{variables['LIBDIR']}", f"-Wl,-rpath,{variables['LIBDIR']}",
                                "-lpython" + variables["LDVERSION"]], capture_output=True, text=True, check=False)
        self.assertEqual((built.returncode, built.stderr), (0, ""))
        self.addCleanup(program.unlink, missing_ok=True)
        return subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()

    @unittest.skipUnless(sysconfig.get_config_var("Py_ENABLE_SHARED"), "needs a Python with a shared library")
    def test_what_is_moved_keeps_interpreters_apart(self):
        self.write(SPAM)
        self.assertEqual(self.answers(), ["13", "14", "15"])  # the second interpreter counts on: the fault
        self.assertIn("5 of 5 objects moved", self.migrate())
        self.assertEqual(self.answers(), ["13", "11", "14"])
        report = run("scan", self.folder, "-q", "--profile", "own-gil", "--fail-on", "medium", "--limit", "0")
        self.assertEqual(report.returncode, 0, report.stdout)

    def test_a_second_run_edits_nothing(self):
        self.write(SPAM)
        self.migrate()
        before = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        self.assertEqual(sorted(before), ["ringfence.c", "ringfence.h", "spam.c"])
        self.assertIn("0 of 0 objects moved", self.migrate())
        self.assertEqual({file.name: file.read_bytes() for file in self.folder.iterdir()}, before)

    def test_the_text(self):
        self.write(SPAM)
        diff = self.migrate("--dry-run")
        added = re.findall(r"^\+(.*)$", diff, re.MULTILINE)
        for line in ["    PyObject *cache;  /* made at first use */",
                     "    s->limit = 10;",
                     "    Py_CLEAR(s->cache);",
                     "#define COUNT() (RF_GET(spam)->calls++)",
                     "    struct spam_statics *statics = RF_GET(spam);",
                     "    statics->last = PyLong_FromLong(statics->calls + statics->limit);",
                     '    if (!PyArg_ParseTuple(args, "l", &statics->limit))']:
            self.assertIn(line, added)
        self.assertIn("    Py_CLEAR(s->SpamError);", added)  # PyModule_AddObject takes over the reference of Py_INCREF
        self.assertEqual((self.folder / "spam.c").read_text(), SPAM)  # a dry run writes nothing

    def refusal(self, declarations, body="return PyLong_FromLong(x != 0);"):
        self.write(f"""\
            #include <Python.h>
            {declarations}
            PyObject *get(PyObject *self, PyObject *value) {{ x = x + 1; {body} }}
            static PyMethodDef methods[] = {{{{"get", get, METH_O, NULL}}, {{NULL, NULL, 0, NULL}}}};
            static PyModuleDef_Slot slots[] = {{{{0, NULL}}}};
            static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL}};
            PyMODINIT_FUNC PyInit_spam(void) {{ return PyModuleDef_Init(&def); }}
            """)
        output = self.migrate("--plan", "--only", "x", code=1)
        self.assertIn("0 of 1 object can move", output)
        return output

    def test_refusals_say_why_and_where(self):
        for declarations, reason in [
                ("static int x; int *const px = &x;", "spam.c:2: a static initialiser takes it, or its address"),
                ("static int x;\n#ifdef NEVER\nint *nx = &x;\n#endif", "its name stands in a branch that was not read"),
                ("static int x;\n#define IT x ## _t", "a macro makes a string of its name, or pastes it"),
                ("#define VAR(n) static int n\nVAR(x);", "a macro makes a part of its declaration")]:
            with self.subTest(declarations):
                self.assertIn(reason, self.refusal(declarations))

    def test_a_branch_inside_a_function_follows(self):
        self.write("""\
            #include <Python.h>
            static int x;
            PyObject *get(PyObject *self, PyObject *value)
            {
                x = x + 1;
            #ifdef NEVER
                if (x > 2)
                    return NULL;
            #endif
                return PyLong_FromLong(x);
            }
            static PyMethodDef methods[] = {{"get", get, METH_O, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef_Slot slots[] = {{0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
            """)
        self.assertIn("+    if (statics->x > 2)\n", self.migrate("--dry-run", "--only", "x"))

    def test_a_name_that_such_a_branch_declares_stays(self):
        body = "\n#ifdef NEVER\nlong x = 1;\n#endif\nreturn PyLong_FromLong(x != 0);"
        self.assertIn("its name stands in a branch that was not read", self.refusal("static int x;", body))

    def test_a_pointer_of_a_foreign_header_is_led_elsewhere(self):
        self.write("""\
            #include <Python.h>
            #include <datetime.h>
            static PyObject *is_date(PyObject *self, PyObject *value)
            {
                return PyBool_FromLong(PyDate_Check(value));
            }
            static PyMethodDef methods[] = {{"is_date", is_date, METH_O, NULL}, {NULL, NULL, 0, NULL}};
            static int dates_exec(PyObject *module)
            {
                PyDateTime_IMPORT;
                return PyDateTimeAPI == NULL ? -1 : 0;
            }
            static PyModuleDef_Slot slots[] = {{Py_mod_exec, dates_exec}, {0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "dates", NULL, 0, methods, slots, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_dates(void) { return PyModuleDef_Init(&def); }
            """, "dates.c")
        diff = self.migrate("--dry-run")
        self.assertIn("+    PyDateTime_CAPI *PyDateTimeAPI;\n", diff)
        self.assertIn("+#define PyDateTimeAPI (RF_GET(dates)->PyDateTimeAPI)\n", diff)
        self.assertIn("+    (void)PyDateTimeAPI; /* the header's own is used no more */\n", diff)  # a compiler may warn of it
        self.migrate()
        self.assertIn("0 of 0 objects can move", self.migrate("--plan"))

    def test_a_claim_by_a_call_becomes_a_slot(self):
        init = """\
            #include <Python.h>
            static int ready;
            static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "free", NULL, -1, NULL, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_free(void)
            {
                PyObject *m = PyModule_Create(&def);
                if (m == NULL)
                    return NULL;
            #ifdef Py_GIL_DISABLED
                if (PyUnstable_Module_SetGIL(m, Py_MOD_GIL_NOT_USED) < 0)
                    return NULL;
            %s#endif
                ready++;
                return m;
            }
            """
        self.write(init % "", "free.c")
        diff = self.migrate("--to", "multi-phase", "--dry-run")
        self.assertIn(" #ifdef Py_GIL_DISABLED\n-    if (PyUnstable_Module_SetGIL(m, Py_MOD_GIL_NOT_USED) < 0)\n-        return NULL;\n"
                      "+    {Py_mod_gil, Py_MOD_GIL_NOT_USED},\n #endif\n+    {0, NULL}\n", diff)
        self.write(init % "    ready++;\n            ", "free.c")
        self.assertIn("it claims by PyUnstable_Module_SetGIL, elsewhere than alone in a conditional",
                      self.migrate("--to", "multi-phase", "--plan", code=1))

    def test_two_sources_of_one_list_get_the_runtime_once(self):
        self.write(SPAM)
        self.write("#include <Python.h>\nstatic PyObject *last;\n"
                   "void keep(PyObject *value) { last = PyTuple_Pack(1, value); }\n", "keep.c")
        self.write("ext = Extension('spam', sources=['keep.c', 'spam.c'])\n", "setup.py")
        self.assertNotIn("to the sources of the extension", self.migrate("--only", "last", "--only", "SpamError"))
        self.assertEqual((self.folder / "setup.py").read_text(), "ext = Extension('spam', sources=['keep.c', 'ringfence.c', 'spam.c'])\n")

    def test_a_build_list_in_no_known_form_is_named(self):
        self.write(SPAM)
        self.write("ext = make('spam', 'spam.c')\n", "setup.py")
        self.write("set(SOURCES spam.c)\n", "CMakeLists.txt")
        told = self.migrate(code=1)
        self.assertIn("5 of 5 objects moved\nnext:\n  add ringfence.c to the sources of the extension that has spam.c\n"
                      "      setup.py:1: ext = make('spam', 'spam.c')\n", told)
        self.assertEqual((self.folder / "CMakeLists.txt").read_text(), "set(SOURCES spam.c ringfence.c)\n")
        self.assertEqual((self.folder / "setup.py").read_text(), "ext = make('spam', 'spam.c')\n")

    def test_a_build_file_that_names_no_source_is_named(self):
        self.write(SPAM)
        self.write("[project]\nname = 'spam'\n", "pyproject.toml")
        plan = json.loads(self.migrate("--plan", "--format", "json", code=1))
        jsonschema.validate(plan, json.loads((PROJECT / "rules/migrate.schema.json").read_text()))
        self.assertEqual((plan["to_build"], plan["build_forms"]), (["spam.c"], ["pyproject.toml names it nowhere"]))

    def write_shared(self, header=SHARED_H):
        for name, content in {"spam.h": header, "spam.c": SHARED_C, "work.c": SHARED_WORK}.items():
            self.write(content, name)

    @unittest.skipUnless(sysconfig.get_config_var("Py_ENABLE_SHARED"), "needs a Python with a shared library")
    def test_what_files_share_moves_with_its_header(self):
        self.write_shared()
        self.write("ext = Extension('spam', sources=['spam.c', 'work.c'])\n", "setup.py")
        self.assertEqual(self.answers(), ["16", "18", "20"])
        told = self.migrate()
        self.assertIn("4 of 4 objects moved", told)
        self.assertNotIn("to the sources of the extension", told)
        self.assertIn("spam.c:SpamError becomes RF_GET(spam_shared)->SpamError, of spam.h", told)
        self.assertEqual(self.answers(), ["16", "12", "18"])
        self.assertEqual((self.folder / "setup.py").read_text(), "ext = Extension('spam', sources=['spam.c', 'ringfence.c', 'work.c'])\n")
        header = (self.folder / "spam.h").read_text()
        self.assertIn("""\
            #include "ringfence.h"

            /* What files shared, once for each interpreter: see ringfence.h. */
            struct spam_shared {
                PyObject *SpamError;  /* raised by all */
                long calls;
            };
            RF_STATE_DECLARE(spam_shared, struct spam_shared)
            """.replace(" " * 12, ""), header)
        self.assertIn("#define NOTE() (RF_GET(spam_shared)->calls++)\n", header)
        self.assertNotIn("extern", header)
        self.assertIn("    s->calls = 10;\n", (self.folder / "spam.c").read_text())
        self.assertIn('PyErr_SetString(RF_GET(spam_shared)->SpamError, "too often");', (self.folder / "work.c").read_text())
        self.assertIn("0 of 0 objects moved", self.migrate())

    def test_what_a_header_says_once_more_stays(self):
        for old, new, name, reason in [
                ("#define NOTE() (calls++)", "#define NOTE() (calls++)\n#define AGAIN() (calls--)", "calls",
                 "spam.h: its name stands there once more, in a macro or a branch that no unit reads"),
                ("extern long calls;", "extern long calls, others;", "calls", "spam.h: it is declared together with others")]:
            with self.subTest(reason):
                self.write_shared(SHARED_H.replace(old, new))
                self.assertIn(reason, self.migrate("--plan", "--only", name, code=1))
        self.write_shared()
        self.write("#define LATER() (calls = 0)\n", "later.h")
        self.write('#include "spam.h"\n#include "later.h"\nlong later(void) { return calls; }\n', "later.c")
        self.assertIn("later.h: its name stands there, too", self.migrate("--plan", "--only", "calls", code=1))

    def test_what_other_units_use_stays(self):
        self.write("""\
            #include <Python.h>
            extern int x;
            PyObject *bump(PyObject *self, PyObject *value) { x++; return PyLong_FromLong(x); }
            """, "bump.c")
        self.assertIn("it has external linkage, and other units use it", self.refusal("int x;"))

    def test_the_plan_says_who_uses_what_stays(self):
        self.write("#include <Python.h>\nextern int x;\nint bump(void) { return x++; }\n", "bump.c")
        self.write("#include <Python.h>\nint x;\nint get(void) { return x; }\n")
        plan = json.loads(self.migrate("--plan", "--format", "json", "--only", "x", code=1))
        self.assertEqual(plan["tasks"], [{"stage": "slots", "file": None, "objects": ["spam.c:x"], "used_by": ["bump.c"], "after": [],
                                          "by_hand": "it has external linkage, and other units use it"}])

    def test_what_does_not_compile_stays(self):
        # The struct stands before the first use; there the type of `late` is not known yet.
        self.write("""\
            #include <Python.h>
            static int early;
            static PyObject *use(PyObject *self, PyObject *a) { early++; return PyLong_FromLong(early); }
            typedef struct { int n; } late_type;
            static late_type late;
            static PyObject *use_late(PyObject *self, PyObject *a) { late.n++; return PyLong_FromLong(late.n); }
            static PyMethodDef methods[] = {
                {"use", use, METH_O, NULL}, {"use_late", use_late, METH_O, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef_Slot slots[] = {{0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
            """)
        output = self.migrate(code=1)
        self.assertIn("spam.c:early becomes RF_GET(spam)->early", output)
        self.assertIn("it does not compile when moved: unknown type name 'late_type'", output)
        self.assertIn("1 of 2 objects moved", output)

    def moved(self, declarations, body):
        """The text after the move of what the declarations have, without the runtime library's lines."""
        self.write(f"""\
            #include <Python.h>
            {declarations}
            PyObject *get(PyObject *self, PyObject *value) {{ {body} }}
            static PyMethodDef methods[] = {{{{"get", get, METH_O, NULL}}, {{NULL, NULL, 0, NULL}}}};
            static PyModuleDef_Slot slots[] = {{{{0, NULL}}}};
            static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL}};
            PyMODINIT_FUNC PyInit_spam(void) {{ return PyModuleDef_Init(&def); }}
            """)
        self.migrate()
        return (self.folder / "spam.c").read_text()

    def test_declarators_leave_their_statement(self):
        text = self.moved("static PyObject *x, *const fixed = NULL, *y;",
                          "Py_XSETREF(x, Py_NewRef(value)); y = x; return Py_NewRef(fixed ? x : y);")
        self.assertIn("static PyObject *const fixed = NULL;", text)
        self.assertIn("    PyObject *x;\n    PyObject *y;\n", text)

    def test_aggregates_are_copied(self):
        text = self.moved("static long x[] = {1, 2};", "x[0]++; return PyLong_FromLong(x[0] + x[1]);")
        self.assertIn("    long x[2];\n", text)
        self.assertIn("        long x[2] = {1, 2};\n        memcpy(&s->x, &x, sizeof(s->x));\n", text)

    def test_pasted_names_move_together(self):
        text = self.moved("static PyObject *str_a, *str_b;\n#define MAKE(n) (str_ ## n = PyUnicode_FromString(#n))",
                          "MAKE(a); MAKE(b); return PyTuple_Pack(2, str_a, str_b);")
        self.assertIn("#define MAKE(n) (RF_GET(spam)->str_ ## n = PyUnicode_FromString(#n))", text)

    def test_branches_for_python_2_follow(self):
        text = self.moved("static long x;\n#if PY_MAJOR_VERSION < 3\nlong *old(void) { return &x; }\n#endif",
                          "x++; return PyLong_FromLong(x);")
        self.assertIn("long *old(void) { return &RF_GET(spam)->x; }", text)

    def test_single_phase_init_that_runs_once_is_named(self):
        self.write("""\
            #include <Python.h>
            static PyObject *error;
            static PyObject *get(PyObject *self, PyObject *a) { PyErr_SetNone(error); return NULL; }
            static PyMethodDef methods[] = {{"get", get, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, -1, methods, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_spam(void) {
                PyObject *m = PyModule_Create(&def);
                error = PyErr_NewException("spam.Error", NULL, NULL);
                return m;
            }
            """)
        self.assertIn("convert the module to multi-phase init first", self.migrate("--plan", code=1))

    def test_links_out_of_the_tree_are_not_written(self):
        with tempfile.TemporaryDirectory() as outside:
            target = pathlib.Path(outside) / "spam.c"
            target.write_text(SPAM)
            (self.folder / "spam.c").symlink_to(target)
            run("migrate", self.folder, "-q")
            self.assertEqual(target.read_text(), SPAM)

    def test_the_whole_way(self):
        self.write(EGGS, "eggs.c")
        self.write('setup(ext_modules=[Extension("eggs", ["eggs.c"])])\n', "setup.py")
        self.assertIn("6 of 6 objects moved", self.migrate("--to", "isolated"))
        self.assertEqual((self.folder / "setup.py").read_text(),
                         'setup(ext_modules=[Extension("eggs", ["eggs.c", "ringfence.c"])])\n')
        text = (self.folder / "eggs.c").read_text()
        for line in EGGS_AFTER:
            self.assertIn(line, text)
        self.assertNotIn("Py_DECREF(m)", text)  # an exec slot does not own its module
        before = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        self.assertIn("0 of 0 objects moved", self.migrate("--to", "isolated"))
        self.assertEqual({file.name: file.read_bytes() for file in self.folder.iterdir()}, before)
        diff = self.migrate("--to", "claims", "--dry-run")
        self.assertIn("{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},", diff)

    def types(self, code=TYPES):
        """What the code prints with the module of the folder's sources."""
        with tempfile.TemporaryDirectory() as built:
            module = pathlib.Path(built) / ("eggs" + sysconfig.get_config_var("EXT_SUFFIX"))
            done = subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-parameter",
                                   "-Wno-missing-field-initializers", "-Wno-cast-function-type", "-isystem",
                                   sysconfig.get_path("include"), *self.folder.glob("*.c"), "-o", module],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=built, capture_output=True, text=True,
                                  check=True).stdout

    def test_types_are_as_before(self):
        self.write(EGGS, "eggs.c")
        before = self.types()
        self.migrate("--to", "isolated")
        self.assertEqual(self.types(), before)

    def test_instances_keep_a_module_of_their_own(self):
        self.write(OWN_MODULE, "eggs.c")
        before = self.types(MODULES)
        self.assertIn("eggs.c:QuailType becomes a heap type, made of QuailType_spec\n"
                      "      its tp_getattro answers instances' __module__\n", self.migrate("--to", "isolated"))
        self.assertEqual(self.types(MODULES), before)
        self.assertIn("0 of 0 objects moved", self.migrate("--to", "isolated"))

    def cxx_answers(self):
        with tempfile.TemporaryDirectory() as built:
            module = pathlib.Path(built) / ("eggs" + sysconfig.get_config_var("EXT_SUFFIX"))
            objects = []
            for source in sorted(self.folder.glob("*.c*")):
                objects.append(pathlib.Path(built) / (source.name + ".o"))
                compiler = ["c++", "-std=c++17"] if source.suffix == ".cc" else ["cc"]
                done = subprocess.run([*compiler, "-c", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-parameter",
                                       "-Wno-missing-field-initializers", "-isystem", sysconfig.get_path("include"), source,
                                       "-o", objects[-1]], capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
            subprocess.run(["c++", "-shared", *objects, "-o", module], check=True)
            return subprocess.run([sys.executable, "-c", "import eggs; print(eggs.count(), eggs.count(), eggs.Egg, eggs.Egg())"],
                                  cwd=built, capture_output=True, text=True, check=True).stdout.split(" object at")[0]

    def test_cxx_in_the_style_of_c(self):
        for state in ("slots", "module"):
            with self.subTest(state):
                shutil.rmtree(self.folder)
                self.folder.mkdir()
                self.write(CXX, "eggs.cc")
                before = self.cxx_answers()
                self.assertTrue(before.startswith("([], 4, 1, 0) ([], 5, 2, 0) <class 'eggs.Egg'> <eggs.Egg"), before)
                told = self.migrate("--to", "isolated", "--state", state, code=1)
                self.assertIn(": it is an object with a constructor or a destructor", told)
                self.assertIn("stays: eggs.cc:text\n", told)
                self.assertIn("5 of 6 objects moved", told)
                self.assertEqual(self.cxx_answers(), before)
                self.assertIn("0 of 1 object moved", self.migrate("--to", "isolated", "--state", state, code=1))

    def test_a_claim_wants_every_object_moved(self):
        self.write(EGGS, "eggs.c")
        self.migrate("--to", "multi-phase")
        self.assertIn("stands against the claim", self.migrate("--to", "claims", "--plan", code=1))

    def test_types_that_stay_static(self):
        for table, reason in [
                (".tp_getset = odd", "its instances have a __module__ of their own, and its element of the table is not written out"),
                (".tp_getset = own, .tp_getattr = get", "its tp_getattr or tp_setattr takes no object as the name"),
                (".tp_dict = NULL + 1", "no slot takes its tp_dict"),
                (".ob_base = {.ob_base = {.ob_type = &Meta}}", "it has a metaclass of its own"),
                (".tp_dealloc = keep", "its dealloc may keep the object alive"),
                (".tp_dealloc = give", "its dealloc gives a type up already")]:
            with self.subTest(table):
                self.write(f"""\
                    #include <Python.h>
                    static PyGetSetDef odd[] = {{{{"__module__", NULL, NULL, NULL, NULL}}, {{NULL}}}};
                    static PyGetSetDef own[] = {{{{"__module__", (getter)PyObject_Repr, NULL, NULL, NULL}}, {{NULL}}}};
                    static PyObject *get(PyObject *self, char *name) {{ return PyObject_GetAttrString(self, name); }}
                    static PyTypeObject Meta = {{.tp_name = "m.Meta"}};
                    static void keep(PyObject *self) {{ if (PyObject_CallFinalizerFromDealloc(self)) return; PyObject_Free(self); }}
                    static void give(PyObject *self) {{ PyTypeObject *t = Py_TYPE(self); PyObject_Free(self); Py_DECREF(t); }}
                    static PyTypeObject T = {{.tp_name = "m.T", {table}}};
                    static int run(PyObject *m) {{ (void)odd; (void)own; (void)get; (void)keep; (void)give; return PyType_Ready(&Meta) | PyType_Ready(&T); }}
                    static PyModuleDef_Slot slots[] = {{{{Py_mod_exec, run}}, {{0, NULL}}}};
                    static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "m", NULL, 0, NULL, slots, NULL, NULL, NULL}};
                    PyMODINIT_FUNC PyInit_m(void) {{ return PyModuleDef_Init(&def); }}
                    """, "m.c")
                self.assertIn(reason, self.migrate("--to", "heap-types", "--plan", "--only", "T", code=1))

    def test_a_type_whose_pointer_would_stay_stays(self):
        once = "eggs.c:20: the pointer to it would stay: the init of eggs sets it, and runs once for all interpreters"
        self.write(EGGS, "eggs.c")
        told = self.migrate("--to", "heap-types", code=1)  # of single-phase init
        self.assertIn(f"  stays: eggs.c:EggType\n      {once}", told)
        self.assertIn("0 of 2 objects moved", told)
        self.assertEqual((self.folder / "eggs.c").read_text(), EGGS)
        self.write(EGGS.replace("PyObject *m =", "static PyObject *m; m ="), "eggs.c")
        told = self.migrate("--to", "isolated", code=1)
        self.assertIn("it keeps the module in no local variable", told)
        self.assertIn(once, told)
        self.assertIn("static PyTypeObject EggType = {\n", (self.folder / "eggs.c").read_text())

    def test_a_name_without_a_module_gets_it(self):
        self.write(EGGS.replace('.tp_name = "eggs.Quail"', '.tp_name = "Quail"'), "eggs.c")
        self.assertIn("EggType becomes a heap type, made of EggType_spec\n"
                      "  eggs.c:QuailType becomes a heap type, made of QuailType_spec\n"
                      "      its __module__ is eggs, no longer builtins\n", self.migrate("--to", "isolated", "--plan"))
        self.migrate("--to", "isolated")
        self.assertIn('.name = "eggs." "Quail",', (self.folder / "eggs.c").read_text())
        self.assertNotIn("RF219", run("scan", self.folder, "-q").stdout)

    def test_a_module_that_its_python_part_imports_back_stays(self):
        for order, reason in [
                ("if (prepare() < 0) return NULL; PyObject *m = PyModule_Create(&def); PyModule_AddIntConstant(m, \"x\", 1);",
                 "m.c:2: it imports spam.events, which may import _spam back, before the module has its names"),
                ("PyObject *m = PyModule_Create(&def); PyModule_AddIntConstant(m, \"x\", 1); if (prepare() < 0) return NULL;", ""),
                ("PyObject *m = PyModule_Create(&def); if (other() < 0) return NULL; PyModule_AddIntConstant(m, \"x\", 1);", "")]:
            with self.subTest(order):
                self.write(f"""\
                    #include <Python.h>
                    static int prepare(void) {{ PyObject *m = PyImport_ImportModule("spam.events"); Py_XDECREF(m); return m ? 0 : -1; }}
                    static int other(void) {{ PyObject *m = PyImport_ImportModule("decimal"); Py_XDECREF(m); return m ? 0 : -1; }}
                    static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "_spam", NULL, -1, NULL}};
                    PyMODINIT_FUNC PyInit__spam(void) {{ (void)prepare; (void)other; {order} return m; }}
                    """, "m.c")
                self.assertIn(reason, self.migrate("--to", "multi-phase", "--plan", code=1 if reason else 0))

    def test_a_module_that_one_statement_declares_with_others(self):
        for declared, left in [("PyObject *m, *d;", " PyObject *d;"), ("PyObject *d, *m;", " PyObject *d;"), ("PyObject *c, *m, *d;", " PyObject *c, *d;")]:
            with self.subTest(declared):
                self.write(f"""\
                    #include <Python.h>
                    static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "m", NULL, 0, NULL, NULL, NULL, NULL, NULL}};
                    PyMODINIT_FUNC PyInit_m(void) {{
                        {declared}
                        m = PyModule_Create(&def);
                        if (m == NULL) return NULL;
                        d = PyModule_GetDict(m);
                        if (d == NULL) {{ Py_DECREF(m); return NULL; }}
                        return m;
                    }}
                    """, "m.c")
                self.migrate("--to", "multi-phase")
                text = (self.folder / "m.c").read_text()
                self.assertIn(left, text)
                self.assertNotIn("*m,", text)

    def test_inits_that_stay(self):
        for maker, reason in [
                ("static PyObject *m; if (m) return m; m = PyModule_Create(&def); return m;", "it keeps the module in no local variable"),
                ("PyObject *m = PyModule_Create(&def); return m ? m : NULL;", "it returns neither NULL nor the module"),
                ("PyObject *m = PyModule_Create(&def); PyState_AddModule(m, &def); return m;",
                 "asks for the module by its definition")]:
            with self.subTest(maker):
                self.write(f"""\
                    #include <Python.h>
                    static PyModuleDef def = {{PyModuleDef_HEAD_INIT, "m", NULL, -1, NULL}};
                    PyMODINIT_FUNC PyInit_m(void) {{ {maker} }}
                    """, "m.c")
                self.assertIn(reason, self.migrate("--to", "multi-phase", "--plan", code=1))

    def test_a_head_in_a_conditional_stays(self):
        self.write("""\
            #include <Python.h>
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, -1, NULL, NULL, NULL, NULL, NULL};
            #if PY_MAJOR_VERSION >= 3
            PyMODINIT_FUNC PyInit_m(void)
            #else
            PyMODINIT_FUNC initm(void)
            #endif
            {
                PyObject *m = PyModule_Create(&def);
                return m;
            }
            """, "m.c")
        self.assertIn("m.c:4: its head stands in a conditional, and its body behind that",
                      self.migrate("--to", "multi-phase", "--plan", code=1))

    def test_the_plan_in_other_formats(self):
        self.write(EGGS, "eggs.c")
        plan = json.loads(self.migrate("--to", "isolated", "--plan", "--format", "json"))
        jsonschema.validate(plan, json.loads((PROJECT / "rules/migrate.schema.json").read_text()))
        self.assertEqual([(stage["stage"], len(stage["moved"])) for stage in plan["stages"]],
                         [("multi-phase", 1), ("heap-types", 2), ("slots", 3)])
        self.assertEqual((plan["runtime_source"], plan["to_build"]), ("ringfence.c", ["eggs.c"]))
        self.assertEqual([(task["stage"], task["file"], len(task["objects"]), task["after"]) for task in plan["tasks"]],
                         [("multi-phase", None, 1, []), ("heap-types", "eggs.c", 2, [1]), ("slots", "eggs.c", 3, [1, 2])])
        text = self.migrate("--to", "isolated", "--plan", "--format", "markdown")
        self.assertIn("- [ ] `eggs.c:EggType` becomes `a heap type, made of EggType_spec`\n", text)
        self.assertIn("## 2. heap-types, `eggs.c`\n\nafter 1.\n", text)
        self.assertEqual((self.folder / "eggs.c").read_text(), EGGS)

    def test_what_was_read_in_part_is_planned_and_stays(self):
        self.write(EGGS.replace("#include <Python.h>", '#include <Python.h>\n#include "made_by_build.h"', 1), "eggs.c")
        text = self.migrate("--to", "isolated", "--plan", "--format", "markdown", code=3)
        self.assertIn("6 of 6 objects can move, 6 of these if the build shows no more: their files were read in part.", text)
        self.assertIn("- missing header made_by_build.h (1 unit): ", text)
        self.assertIn("a heap type, made of EggType_spec` (eggs.c was read in part)\n", text)
        plan = json.loads(self.migrate("--to", "isolated", "--plan", "--format", "json", code=3))
        jsonschema.validate(plan, json.loads((PROJECT / "rules/migrate.schema.json").read_text()))
        self.assertEqual((plan["moved"], plan["provisional"], len(plan["missing"])), (6, 6, 1))
        self.assertIn("eggs.c: it was read in part", self.migrate("--to", "isolated", code=3))

    def test_what_only_a_macro_of_the_build_makes(self):
        self.write("macros = [('HAVE_CACHE', '1')] if FAST else []\n", "setup.py")
        self.write("""\
            #include <Python.h>
            #ifdef HAVE_CACHE
            static PyObject *cache;
            static PyObject *cached(PyObject *self, PyObject *args) { if (!cache) cache = PyDict_New(); return Py_NewRef(cache); }
            #endif
            static PyMethodDef methods[] = {
            #ifdef HAVE_CACHE
                {"cached", cached, METH_NOARGS, NULL},
            #endif
                {NULL, NULL, 0, NULL}
            };
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, methods, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }
            """, "m.c")
        self.assertIn("m.c:3: only macros that the build may define make it: record the build with `ringfence capture`",
                      self.migrate("--plan", code=1))

    def test_types_that_other_files_use(self):
        self.write("""\
            #include <Python.h>
            typedef struct { PyObject_HEAD long n; } Egg;
            extern PyTypeObject EggType;
            extern PyTypeObject BadType; /* which another file makes ready */
            #define is_egg(o) (Py_TYPE(o) == &EggType)
            """, "egg.h")
        table = "PyTypeObject %sType = {PyVarObject_HEAD_INIT(NULL, 0) .tp_name = \"eggs.%s\", .tp_basicsize = sizeof(Egg), .tp_new = PyType_GenericNew};"
        self.write(f"""\
            #include "egg.h"
            {table % ("Egg", "Egg")}
            {table % ("Bad", "Bad")}
            int egg_setup(PyObject *m)
            {{
                if (PyType_Ready(&EggType) < 0)
                    return -1;
                Py_INCREF(&EggType);
                return PyModule_AddObject(m, "Egg", (PyObject *)&EggType);
            }}
            """, "egg.c")
        self.write("""\
            #include "egg.h"
            int egg_setup(PyObject *m);
            static PyObject *check(PyObject *self, PyObject *o)
            {
                return PyBool_FromLong(is_egg(o) && PyObject_TypeCheck(o, &EggType) && EggType.tp_basicsize == sizeof(Egg));
            }
            static PyMethodDef methods[] = {{"check", check, METH_O, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "eggs", NULL, -1, methods, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_eggs(void)
            {
                PyObject *m = PyModule_Create(&def);
                if (m == NULL || PyType_Ready(&BadType) < 0 || egg_setup(m) < 0)
                    return NULL;
                return m;
            }
            """, "m.c")
        self.assertIn("egg.c:3: another file makes it ready, changes it, declares it, or has it as a base",
                      self.migrate("--to", "isolated", "--plan", "--only", "BadType", code=1))
        self.migrate("--to", "isolated", "--only", "EggType", "--only", "eggs")
        header = (self.folder / "egg.h").read_text()
        self.assertIn("    PyTypeObject *EggType_pointer;\n", header)
        self.assertIn("#define EggType (*RF_GET(egg_shared)->EggType_pointer)\n", header)
        self.assertIn("PyObject_TypeCheck(o, &EggType) && EggType.tp_basicsize", (self.folder / "m.c").read_text())
        self.assertEqual(self.types("import eggs as m; print(m.check(m.Egg()), m.check(1), m.Egg)"), "True False <class 'eggs.Egg'>\n")

    def test_an_object_behind_members_of_structs(self):
        self.write("""\
            #include <Python.h>
            static struct { PyObject *o; long n; } pair;
            static long table[] = {1, 2};
            static PyObject *both(PyObject *self, PyObject *args)
            {
                if (!pair.o)
                    pair.o = PyList_New(0);
                return PyLong_FromLong(++pair.n + ++table[1]);
            }
            static PyMethodDef methods[] = {{"both", both, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "m", NULL, 0, methods, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit_m(void) { return PyModuleDef_Init(&def); }
            """, "m.c")
        self.assertIn("2 of 2 objects moved\n", self.migrate())

    def test_names_that_a_header_has(self):
        self.write("int sql_exec(void);\nextern int sql_slots;\n", "sql.h")
        self.write("""\
            #include <Python.h>
            #include "sql.h"
            static PyModuleDef def = {PyModuleDef_HEAD_INIT, "_sql", NULL, -1, NULL, NULL, NULL, NULL, NULL};
            PyMODINIT_FUNC PyInit__sql(void)
            {
                PyObject *m = PyModule_Create(&def);
                if (m != NULL && PyModule_AddIntConstant(m, "x", 1) < 0)
                    return NULL;
                return m;
            }
            """, "m.c")
        self.migrate("--to", "multi-phase")
        text = (self.folder / "m.c").read_text()
        self.assertIn("    {Py_mod_exec, sql_module_exec},\n", text)
        self.assertIn("static PyModuleDef_Slot sql_module_slots[] = {\n", text)

    def test_edits_give_the_same_text(self):
        self.write(EGGS, "eggs.c")
        edits = self.folder / "edits.yaml"
        self.migrate("--to", "multi-phase", "--edits", edits)
        self.assertEqual((self.folder / "eggs.c").read_text(), EGGS)
        text = EGGS
        for edit in reversed(yaml.safe_load(edits.read_text())["Replacements"]):
            text = text[:edit["Offset"]] + edit["ReplacementText"] + text[edit["Offset"] + edit["Length"]:]
        edits.unlink()
        self.migrate("--to", "multi-phase")
        self.assertEqual(text, (self.folder / "eggs.c").read_text())

    def git(self, *arguments):
        return subprocess.run(["git", "-C", self.folder, *arguments], capture_output=True, text=True, check=True).stdout

    def test_each_stage_is_a_commit(self):
        self.write(EGGS, "eggs.c")
        self.git("init", "-q")
        self.git("config", "user.name", "n")
        self.git("config", "user.email", "n@example.org")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "before")
        self.migrate("--to", "isolated", "--commit")
        self.assertEqual(self.git("log", "--format=%s").splitlines(),
                         ["ringfence migrate: slots", "ringfence migrate: heap-types", "ringfence migrate: multi-phase", "before"])
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(self.git("show", "--format=", "--name-only", "HEAD").split(), ["eggs.c", "ringfence.c", "ringfence.h"])


if __name__ == "__main__":
    unittest.main()
