"""`ringfence migrate --to module-state`: what a function can reach moves to its module's state, the rest says why not."""

import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest

import jsonschema

from support import PROJECT, run

SPAM = """\
#include <Python.h>
#include <stdlib.h>

typedef struct { PyObject_HEAD long n; } Egg;

static PyObject *cache; /* made at first use */
static long calls = 10;
static long table[] = {1, 2};
static long alive, compared;
static PyTypeObject *EggType;
#define COUNT() (calls++)

static long deep(void);

static long
step(long n)
{
    return deep() + n;
}

static long
deep(void)
{
    table[1] += 1;
    return table[0] + table[1];
}

static int
compare(const void *a, const void *b)
{
    compared++;
    return *(const int *)a - *(const int *)b;
}

static PyObject *
spam_count(PyObject *Py_UNUSED(self), PyObject *args)
{
    COUNT();
    return PyLong_FromLong(calls);
}

static PyObject *
spam_walk(PyObject *m, PyObject *args)
{
    int values[] = {2, 1};
    if (!cache)
        cache = PyList_New(0);
    qsort(values, 2, sizeof(int), compare);
    return Py_BuildValue("(Oli)", cache, step(values[0]), compared > 0);
}

static PyMethodDef spam_methods[] = {
    {"count", spam_count, METH_NOARGS, NULL},
    {"walk", spam_walk, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL}
};

static PyObject *
egg_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    Egg *self = (Egg *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->n = ++calls;
        alive++;
    }
    return (PyObject *)self;
}

static void
egg_dealloc(Egg *self)
{
    PyTypeObject *type = Py_TYPE(self);
    alive--;
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyObject *
egg_add(PyObject *left, PyObject *right)
{
    return PyLong_FromLong(calls * 100 + PyObject_TypeCheck(left, EggType) * 10 + PyObject_TypeCheck(right, EggType));
}

static PyObject *
egg_twin(Egg *self, PyObject *Py_UNUSED(ignored))
{
    return PyObject_CallNoArgs((PyObject *)EggType);
}

static PyObject *
egg_total(PyObject *self, void *closure)
{
    return PyLong_FromLong(calls);
}

static PyMethodDef egg_methods[] = {{"twin", (PyCFunction)egg_twin, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyGetSetDef egg_getset[] = {{"total", egg_total, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};

static PyType_Slot egg_slots[] = {
    {Py_tp_new, egg_new},
    {Py_tp_dealloc, egg_dealloc},
    {Py_nb_add, egg_add},
    {Py_tp_methods, egg_methods},
    {Py_tp_getset, egg_getset},
    {0, NULL}
};
static PyType_Spec egg_spec = {"spam.Egg", sizeof(Egg), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, egg_slots};

static int
spam_exec(PyObject *m)
{
    EggType = (PyTypeObject *)PyType_FromModuleAndSpec(m, &egg_spec, NULL);
    if (EggType == NULL)
        return -1;
    Py_INCREF(EggType);
    return PyModule_AddObject(m, "Egg", (PyObject *)EggType);
}

static PyModuleDef_Slot spam_slots[] = {
    {Py_mod_exec, spam_exec},
    {0, NULL}
};
static struct PyModuleDef spam_module = {
    PyModuleDef_HEAD_INIT,
    "spam",
    NULL,
    0,
    spam_methods,
    spam_slots
};

PyMODINIT_FUNC
PyInit_spam(void)
{
    return PyModuleDef_Init(&spam_module);
}
"""

AFTER = [
    "static PyObject *\nspam_count(PyObject *self, PyObject *args)\n{\n    spam_state *state = get_spam_state(self);\n",
    "static long deep(spam_state *state);\n",
    "static long\nstep(spam_state *state, long n)\n{\n    return deep(state) + n;\n}",
    "    spam_state *state = spam_state_of_type(type);\n    Egg *self",
    "    spam_state *state = spam_state_of_either(left, right);\n",
    "egg_twin(Egg *self, PyObject *Py_UNUSED(ignored))\n{\n    spam_state *state = spam_state_of_type(Py_TYPE(self));\n",
    "#define COUNT() (state->calls++)",
    "typedef struct spam_state spam_state;\n",
    "struct spam_state {\n    PyObject *cache;  /* made at first use */\n    long calls;\n    long table[2];\n    PyTypeObject *EggType;\n};\n",
    "    {Py_mod_exec, spam_state_init},\n    {Py_mod_exec, spam_exec},\n",
    "    sizeof(spam_state),\n    spam_methods,\n    spam_slots,\n    spam_state_traverse,\n    spam_state_clear,\n    spam_state_free\n};",
    "    Py_VISIT(state->cache);\n    Py_VISIT(state->EggType);\n    return 0;\n",
    "    state->calls = 10;\n",
]

# Two module objects in one interpreter, and what a type gives back.
USE = """
import gc, sys, spam
first = [spam.count(), spam.walk(), spam.Egg() + 1, 1 + spam.Egg(), spam.Egg().twin() + spam.Egg(), spam.Egg().total]
class Duck(spam.Egg): pass
first.append(Duck() + Duck())
gc.collect()
before = sys.getrefcount(spam.Egg)
for _ in range(1000): Duck().twin()
gc.collect()
first.append(sys.getrefcount(spam.Egg) - before)
del sys.modules["spam"]
import spam as other
print(first, other.count(), spam is other)
"""


class ModuleState(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.source = self.folder / "spam.c"

    def migrate(self, *arguments, code=0):
        done = run("migrate", self.folder, "-q", *arguments)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def use(self, script=USE):
        with tempfile.TemporaryDirectory() as built:
            module = pathlib.Path(built) / ("spam" + sysconfig.get_config_var("EXT_SUFFIX"))
            done = subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wno-unused-parameter",
                                   "-Wno-missing-field-initializers", "-Wno-cast-function-type", "-isystem",
                                   sysconfig.get_path("include"), *self.folder.glob("*.c"), "-o", module],
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return subprocess.run([sys.executable, "-c", script], cwd=built, capture_output=True, text=True,
                                  check=True).stdout

    def test_what_can_be_reached_moves(self):
        self.source.write_text(SPAM)
        self.assertEqual(self.use(), "[11, ([], 5, 1), 1210, 1301, 1611, 17, 1911, 0] 2020 False\n")
        told = self.migrate("--to", "module-state", code=1)
        self.assertIn("spam.c:alive\n      spam.c:9: egg_dealloc has no way to the module's state: spam.c:", told)
        self.assertIn("it stands in Py_tp_dealloc, which runs when the type may have lost its module", told)
        self.assertIn("compare has no way to the module's state: spam.c:", told)
        self.assertIn("4 of 6 objects moved", told)
        text = self.source.read_text()
        for line in AFTER:
            self.assertIn(line, text)
        self.assertEqual(sorted(self.folder.iterdir()), [self.source])  # no runtime library
        # A module object of its own has a count of its own.
        self.assertEqual(self.use(), "[11, ([], 5, 1), 1210, 1301, 1611, 17, 1911, 0] 11 False\n")
        self.assertIn("0 of 2 objects moved", self.migrate("--to", "module-state", code=1))
        self.assertEqual(self.source.read_text(), text)

    def test_the_rest_goes_to_slots(self):
        self.source.write_text(SPAM)
        plan = json.loads(self.migrate("--to", "isolated", "--state", "module", "--plan", "--format", "json"))
        jsonschema.validate(plan, json.loads((PROJECT / "rules/migrate.schema.json").read_text()))
        stages = {stage["stage"]: [moved["object"] for moved in stage["moved"]] for stage in plan["stages"]}
        self.assertEqual(stages["module-state"], ["spam.c:cache", "spam.c:calls", "spam.c:table", "spam.c:EggType"])
        self.assertEqual(stages["slots"], ["spam.c:alive", "spam.c:compared"])
        self.assertEqual(plan["refused"], 0)
        self.assertIn("not in module state: spam.c:9: egg_dealloc has no way", plan["stages"][-1]["moved"][0]["note"])
        self.migrate("--to", "isolated", "--state", "module")
        self.assertEqual(self.use(), "[11, ([], 5, 1), 1210, 1301, 1611, 17, 1911, 0] 11 False\n")

    def refusal(self, code, slots="{0, NULL}", definition=None):
        self.source.write_text(f"""\
#include <Python.h>
static long x;
static PyObject *get(PyObject *self, PyObject *value) {{ return PyLong_FromLong(++x); }}
{code}
static PyMethodDef methods[] = {{{{"get", get, METH_NOARGS, NULL}}, {{NULL, NULL, 0, NULL}}}};
static PyModuleDef_Slot slots[] = {{{slots}}};
{definition or 'static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};'}
PyMODINIT_FUNC PyInit_spam(void) {{ return PyModuleDef_Init(&def); }}
""")
        return self.migrate("--to", "module-state", "--plan", "--only", "x", code=1)

    def test_refusals(self):
        for code, reason in [
                ("PyObject *direct(void) { return get(NULL, NULL); }", "get is called with what may lead to no module"),
                ("long outside(void) { return x; }", "other units may call outside"),
                ("void *kept = (void *)get;", "its address is taken"),
                ("static PyTypeObject T = {.tp_name = \"spam.T\", .tp_new = (newfunc)get};", "its address is taken"),
                ("static long one(void) { return x; }\n#define ONE() one()", "a macro that nothing expands"),
                ("static long one(void) { return x; }\n#ifdef NEVER\nlong two(void) { return one(); }\n#endif",
                 "its name stands in a branch that was not read"),
                ("#define MAKE(n) static long n(void) { return x; }\nMAKE(made)", "made is made by a macro"),
                ("static PyMethodDef loose[] = {{\"g\", get, METH_NOARGS, NULL}};\nPyObject *make(void) {"
                 " return PyCFunction_New(loose, NULL); }", "its table is used in a way that is not known")]:
            with self.subTest(code):
                self.assertIn(reason, self.refusal(code))

    def test_modules_without_a_way(self):
        self.assertIn("def has a Py_mod_create, which may make no module",
                      self.refusal("static PyObject *make(PyObject *spec, PyModuleDef *d) { return NULL; }",
                                   "{Py_mod_create, make}, {0, NULL}"))
        self.assertIn("def has single-phase init", self.refusal(
            "", definition='static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods};\nvoid *use = slots;'))
        self.assertIn("def has a state whose struct is not written in this file", self.refusal(
            "", definition='static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, sizeof(long), methods, slots};'))

    def test_what_asserts_say_moves_too(self):
        self.source.write_text("""\
#include <Python.h>
#include <assert.h>
static PyObject *cache;
static long calls;
#define IS_CACHE(o) ((o) == cache)
static PyObject *
get(PyObject *self, PyObject *value)
{
    static long own;
    if (!cache)
        cache = PyList_New(0);
    own++;
    assert(own > 0 && calls == 0);
    return Py_NewRef(cache);
}
static PyObject *
same(PyObject *self, PyObject *value)
{
    assert(IS_CACHE(value));
    return Py_NewRef(value);
}
static long
outside(const void *value)
{
    assert(calls == 0 || value);
    return 0;
}
static PyObject *
run(PyObject *self, PyObject *value)
{
    calls += calls;
    return PyLong_FromVoidPtr((void *)outside);
}
static PyMethodDef methods[] = {
    {"get", get, METH_NOARGS, NULL}, {"same", same, METH_O, NULL}, {"run", run, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "spam", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
""")
        told = self.migrate("--to", "module-state", "--extra-arg=-DNDEBUG", code=1)
        self.assertIn("2 of 3 objects moved", told)
        self.assertIn("outside has no way to the module's state", told)
        text = self.source.read_text()
        self.assertIn("same(PyObject *self, PyObject *value)\n{\n    spam_state *state = get_spam_state(self); (void)state;\n", text)
        self.assertIn("assert(state->own > 0 && calls == 0);", text)
        self.assertEqual(self.use("import spam; print(spam.get() is spam.same(spam.get()))"), "True\n")

    def test_a_state_is_extended(self):
        self.source.write_text("""\
#include <Python.h>
typedef struct {
    PyObject *error;
} mod_state;
static PyObject *cache;
static PyObject *
get(PyObject *self, PyObject *value)
{
    if (!cache)
        cache = PyList_New(0);
    return Py_NewRef(cache);
}
static int
run(PyObject *m)
{
    mod_state *own = PyModule_GetState(m);
    own->error = PyErr_NewException("spam.error", NULL, NULL);
    return own->error ? 0 : -1;
}
static int
visit_all(PyObject *m, visitproc visit, void *arg)
{
    mod_state *own = PyModule_GetState(m);
    Py_VISIT(own->error);
    return 0;
}
static int
clear_all(PyObject *m)
{
    mod_state *own = PyModule_GetState(m);
    Py_CLEAR(own->error);
    return 0;
}
static void
free_all(void *m)
{
    clear_all((PyObject *)m);
}
static PyMethodDef methods[] = {{"get", get, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_exec, run}, {0, NULL}};
static PyModuleDef def = {
    PyModuleDef_HEAD_INIT, .m_name = "spam", .m_size = sizeof(mod_state), .m_methods = methods, .m_slots = slots,
    .m_traverse = visit_all, .m_clear = clear_all, .m_free = free_all,
};
PyMODINIT_FUNC PyInit_spam(void) { return PyModuleDef_Init(&def); }
""")
        self.assertIn("1 of 1 object moved", self.migrate("--to", "module-state"))
        text = self.source.read_text()
        self.assertIn("    PyObject *error;\n    PyObject *cache;\n} mod_state;\n", text)
        self.assertIn("    int visited = spam_state_traverse(m, visit, arg);\n", text)
        self.assertIn("    (void)spam_state_clear(m);\n", text)
        self.assertIn("    clear_all((PyObject *)m);\n    spam_state_free(m);\n}", text)
        self.assertEqual(self.use("import spam; print(spam.get(), spam.get() is spam.get())"), "[] True\n")

    def test_claims_want_a_proof(self):
        self.source.write_text(SPAM)
        self.migrate("--to", "isolated", "--state", "module")
        text = self.source.read_text().replace("    {Py_mod_exec, spam_exec},", "    {Py_mod_exec, spam_exec},\n"
                                               "#if PY_VERSION_HEX >= 0x030C0000\n    {Py_mod_multiple_interpreters, "
                                               "Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},\n#endif")
        self.source.write_text(text)
        self.assertIn("--to claims wants a proof of this tree", self.migrate("--to", "claims", code=2))
        self.assertIn("spam becomes a module that claims a GIL per interpreter", self.migrate("--to", "claims", "--plan"))
        report = self.folder / "proof.json"
        digest = hashlib.sha256(text.encode()).hexdigest()
        for outcome, digests, reason in [
                ("worse", {"spam.c": digest}, 'its outcome is "worse", not "proved"'),
                ("proved", {"spam.c": "0" * 64}, "it is about another state of spam.c: prove it again"),
                ("proved", {}, "it is no report of ringfence migrate --prove that says which files it is about")]:
            report.write_text(json.dumps({"outcome": outcome, "migration": {"files": digests}}))
            self.assertIn(reason, self.migrate("--to", "claims", "--proved", report, code=2))
        self.assertEqual(self.source.read_text(), text)
        report.write_text(json.dumps({"outcome": "proved", "migration": {"files": {"spam.c": digest}}}))
        self.migrate("--to", "claims", "--proved", report)
        self.assertIn("Py_MOD_PER_INTERPRETER_GIL_SUPPORTED", self.source.read_text())


if __name__ == "__main__":
    unittest.main()
