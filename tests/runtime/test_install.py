"""The ways to build the library into an extension: CMake and pkg-config from an install prefix, and two copied files with
setuptools. Each builds the repaired example and runs it.

    RINGFENCE_TEST_PYTHON=EXE python3 test_install.py"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import building

PYTHON = os.environ.get("RINGFENCE_TEST_PYTHON", sys.executable)
TALLY = os.path.join(building.ROOT, "fixtures", "runtime", "repaired", "tally.c")
CONSUMER = """
cmake_minimum_required(VERSION 3.20)
project(consumer LANGUAGES C)
find_package(ringfence-runtime 0.1 REQUIRED)
add_library(tally MODULE {source})
target_include_directories(tally SYSTEM PRIVATE {include})
target_link_libraries(tally PRIVATE ringfence::runtime)
set_target_properties(tally PROPERTIES PREFIX "" SUFFIX "{suffix}" LIBRARY_OUTPUT_DIRECTORY ${{CMAKE_SOURCE_DIR}})
"""
CXX_CONSUMER = """
cmake_minimum_required(VERSION 3.20)
project(consumer LANGUAGES CXX)
find_package(ringfence-runtime 0.1 REQUIRED)
add_library(both MODULE both.cc)
target_include_directories(both SYSTEM PRIVATE {include})
target_link_libraries(both PRIVATE ringfence::watch ringfence::private)
set_target_properties(both PROPERTIES PREFIX "" SUFFIX "{suffix}" LIBRARY_OUTPUT_DIRECTORY ${{CMAKE_SOURCE_DIR}})
"""
BOTH = """
#include <ringfence_private.h>
#include <ringfence_watch.h>

static PyObject *counts(PyObject *, PyObject *) { return Py_BuildValue("nl", (Py_ssize_t)rf_private_count(), rf_watch_step("x")); }
static PyMethodDef methods[] = {{"counts", counts, METH_NOARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
static PyModuleDef both = {PyModuleDef_HEAD_INIT, "both", nullptr, 0, methods, nullptr, nullptr, nullptr, nullptr};
PyMODINIT_FUNC PyInit_both() { return PyModuleDef_Init(&both); }
"""
MIXED = """
#include "ringfence.h"
struct {name}_state {{ long value; }};
static int {name}_init(struct {name}_state *s) {{ s->value = {value}; return 0; }}
RF_STATE({name}, struct {name}_state, {name}_init, NULL)
long {name}_value(void) {{ return RF_GET({name}) ? RF_GET({name})->value : -1; }}
"""
MIXED_MODULE = """
#include <Python.h>
long first_value(void), second_value(void);
static PyObject *values(PyObject *m, PyObject *u) { (void)m, (void)u; return Py_BuildValue("ll", first_value(), second_value()); }
static PyMethodDef methods[] = {{"values", values, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {
#if PY_VERSION_HEX >= 0x030D0000
  {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
  {0, NULL}};
static struct PyModuleDef mixed = {PyModuleDef_HEAD_INIT, .m_name = "mixed", .m_methods = methods, .m_slots = slots};
PyMODINIT_FUNC PyInit_mixed(void) { return PyModuleDef_Init(&mixed); }
"""
SETUP = """
from setuptools import Extension, setup
setup(name="tally", version="1", ext_modules=[Extension("tally", ["tally.c", "ringfence.c"], include_dirs=["."])])
"""


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.prefix = os.path.join(cls.scratch.name, "prefix")
        build = os.path.join(cls.scratch.name, "build")
        for command in (["cmake", "-S", building.RUNTIME, "-B", build, f"-DCMAKE_INSTALL_PREFIX={cls.prefix}",
                         "-DCMAKE_INSTALL_LIBDIR=lib"], ["cmake", "--install", build]):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cls.include, cls.suffix = subprocess.check_output([PYTHON, "-c", building.QUERY], text=True).splitlines()

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.scratch.name)

    def check_tally(self):
        code = "import tally; tally.add('a'); tally.add('a'); print(tally.total(), tally.__file__)"
        out = subprocess.check_output([PYTHON, "-c", code], cwd=self.folder, text=True).split()
        self.assertEqual(out[0], "2")
        self.assertEqual(os.path.realpath(os.path.dirname(out[1])), os.path.realpath(self.folder))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def test_cmake_package(self):
        self.write("CMakeLists.txt", CONSUMER.format(source=TALLY, include=self.include, suffix=self.suffix))
        build = os.path.join(self.folder, "build")
        subprocess.run(["cmake", "-S", self.folder, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", build], check=True, stdout=subprocess.DEVNULL)
        self.check_tally()

    def test_cmake_package_with_watch_and_private_copies_in_a_project_of_cxx_alone(self):
        self.write("CMakeLists.txt", CXX_CONSUMER.format(include=self.include, suffix=self.suffix))
        self.write("both.cc", BOTH)
        build = os.path.join(self.folder, "build")
        subprocess.run(["cmake", "-S", self.folder, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}"], check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run(["cmake", "--build", build], check=True, stdout=subprocess.DEVNULL)
        out = subprocess.check_output([PYTHON, "-c", "import both; print(both.counts())"], cwd=self.folder, text=True)
        self.assertEqual(out, "(0, 0)\n")

    def test_cxx_without_exceptions(self):
        self.write("plain.cc", "#include <ringfence.hpp>\nint use() { return *rf::state<int>::get(); }\n")
        for option in ("-fexceptions", "-fno-exceptions"):
            subprocess.run([os.environ.get("CXX", "c++"), "-std=c++17", option, "-c", "-Wall", "-Wextra", "-Werror", "-isystem",
                            self.include, f"-I{self.prefix}/include", "plain.cc"], cwd=self.folder, check=True)

    @unittest.skipUnless(shutil.which("pkg-config"), "no pkg-config")
    def test_pkg_config(self):
        def ask(option):
            environment = dict(os.environ, PKG_CONFIG_PATH=os.path.join(self.prefix, "lib", "pkgconfig"))
            return subprocess.check_output(["pkg-config", option, "ringfence-runtime"], env=environment, text=True).split()

        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-isystem", self.include, *ask("--cflags"), TALLY,
                        *ask("--variable=source"), *ask("--libs"), "-o", os.path.join(self.folder, "tally" + self.suffix)],
                       check=True)
        self.check_tally()

    def test_two_versions_in_one_file_are_not_merged(self):
        sources = []
        for name, value, patch in (("first", 41, 0), ("second", 42, 99)):
            folder = os.path.join(self.folder, name)
            os.mkdir(folder)
            for file in ("include/ringfence.h", "src/ringfence.c"):
                with open(os.path.join(building.RUNTIME, file)) as original:
                    text = original.read()
                if patch:  # another version, whose structures lie otherwise
                    text = re.sub(r"RF_VERSION_PATCH \d+", f"RF_VERSION_PATCH {patch}", text)
                    text = text.replace("typedef struct rf_home {", "typedef struct rf_home {\n  void *more[3];")
                self.write(os.path.join(name, os.path.basename(file)), text)
            self.write(os.path.join(name, name + ".c"), MIXED.format(name=name, value=value))
            sources += [os.path.join(folder, "ringfence.c"), os.path.join(folder, name + ".c")]
        self.write("mixed.c", MIXED_MODULE)
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-fvisibility=hidden", "-isystem", self.include,
                        "-pthread", *sources, os.path.join(self.folder, "mixed.c"), "-o",
                        os.path.join(self.folder, "mixed" + self.suffix)], check=True)
        out = subprocess.check_output([PYTHON, "-c", "import mixed; print(mixed.values(), mixed.values())"], cwd=self.folder,
                                      text=True)
        self.assertEqual(out, "(41, 42) (41, 42)\n")
        symbols = subprocess.check_output(["nm", os.path.join(self.folder, "mixed" + self.suffix)], text=True)
        found = re.findall(r" rf_state_lookup_\d+_\d+_(\d+)$", symbols, re.MULTILINE)
        self.assertEqual((len(found), symbols.count(" rf_state_lookup"), "99" in found), (2, 2, True))

    @unittest.skipIf(subprocess.run([PYTHON, "-c", "import setuptools"], capture_output=True).returncode, "no setuptools")
    def test_two_copied_files_with_setuptools(self):
        for file in (TALLY, os.path.join(self.prefix, "include", "ringfence.h"),
                     os.path.join(self.prefix, "share", "ringfence", "ringfence.c")):
            shutil.copy(file, self.folder)
        self.write("setup.py", SETUP)
        subprocess.run([PYTHON, "setup.py", "-q", "build_ext", "--inplace"], cwd=self.folder, check=True,
                       capture_output=True)
        self.check_tally()


if __name__ == "__main__":
    unittest.main()
