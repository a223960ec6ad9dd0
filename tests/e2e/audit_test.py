"""`ringfence audit` on shared libraries that are built here: by the C compiler against Python's headers, and for Windows
and macOS by Clang and LLD from declarations of their own, for no headers of these systems are at hand."""

import json
import pathlib
import platform
import shutil
import subprocess
import sysconfig
import tempfile
import unittest
import zipfile

import jsonschema

from support import FOREIGN_MODULE, PROJECT, run

SINGLE = """
#include <Python.h>
static int cache[1000];
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "single", NULL, -1, NULL, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_single(void) { cache[0]++; PyGILState_Ensure(); return PyModule_Create(&def); }
"""
# Slots by number, so that the headers of any Python serve: 2 exec, 3 multiple interpreters, 4 the GIL.
MULTI = """
#include <Python.h>
static int exec_it(PyObject *m) { return m == NULL; }
static PyModuleDef_Slot slots[] = {{2, (void *)exec_it}, %s {0, NULL}};
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "pack.%s", NULL, 8, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_%s(void) { return PyModuleDef_Init(&def); }
"""
AT_RUN_TIME = """
#include <Python.h>
static PyModuleDef def;
PyMODINIT_FUNC PyInit_late(void) { def.m_name = "late"; return PyModuleDef_Init(&def); }
"""
# As pybind11 3 does it.
SLOTS_AT_RUN_TIME = """
#include <Python.h>
static PyModuleDef_Slot slots[4];
static PyModuleDef def = {PyModuleDef_HEAD_INIT, "filled", NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_filled(void) { slots[0].slot = 4; slots[0].value = (void *)1; return PyModuleDef_Init(&def); }
"""
# Two modules of one file; the definition of each has another name.
TWO = """
#include <Python.h>
static int exec_it(PyObject *m) { return m == NULL; }
static PyModuleDef_Slot one[] = {{2, (void *)exec_it}, {3, (void *)2}, {0, NULL}}, two[] = {{2, (void *)exec_it}, {4, (void *)1}, {0, NULL}};
static PyModuleDef first = {PyModuleDef_HEAD_INIT, "alpha", NULL, 8, NULL, one, NULL, NULL, NULL};
PyModuleDef second = {PyModuleDef_HEAD_INIT, "beta", NULL, 16, NULL, two, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_one(void) { return PyModuleDef_Init(&first); }
PyMODINIT_FUNC PyInit_two(void) { return PyModuleDef_Init(&second); }
"""
# As cffi's _cffi_include.h does it.
CFFI = """
#include <Python.h>
PyMODINIT_FUNC PyInit__pair(void) {
    PyObject *module = PyImport_ImportModule("_cffi_backend");
    return module ? PyObject_CallMethod(module, "_init_cffi_1_0_external_module", "i", 1) : NULL;
}
"""
# PySlot of 3.15 (PEP 793, PEP 820): 84 create to 87 the GIL, 92 nested slots, 100 name, 102 state size, 109 ABI.
EXPORT = """
typedef struct { unsigned short id, flags; unsigned int nothing; unsigned long long value; } integer;
typedef union { integer i; struct { unsigned short id, flags; unsigned int nothing; void *value; } p; } PySlot;
static struct { unsigned char major, minor; unsigned short flags; unsigned build, abi; } abi = {1, 0, 6, 0, 0};
static PySlot other[] = {{.p = {60, 0, 0, &abi}}, {{0}}};
static PySlot more[] = {{{87, 0x10, 0, 1}}, {{0}}};
static PySlot slots[] = {{.p = {109, 0, 0, &abi}}, {.p = {100, 8, 0, "spam"}}, {{102, 0, 0, 24}}, {{86, 0x10, 0, 2}},
                         {.p = {92, 0, 0, more}}, {{0}}};
EXPORTED void *types(void) { return other; }
EXPORTED void *PyModExport_spam(void) { return slots; }
"""
EVERYWHERE = 'EXPORTED=__attribute__((visibility("default")))'
SCHEMA = json.loads((PROJECT / "rules/audit.schema.json").read_text())


class Audit(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def build(self, source, name, *flags):
        (self.folder / f"{name}.c").write_text(source)
        library = self.folder / f"{name}.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", *flags, f"-I{sysconfig.get_path('include')}",
                        self.folder / f"{name}.c", "-o", library], check=True)
        subprocess.run(["strip", library], check=True)
        return library

    def multi(self, name, claims, *flags):
        return self.build(MULTI % (claims, name, name), name, *flags)

    def audit(self, *arguments, code=0):
        done = run("audit", "--format", "json", *arguments)
        self.assertEqual(done.returncode, code, done.stderr)
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        return report

    def module(self, library):
        (module,) = self.audit(library)["libraries"][0]["modules"]
        return module

    def outcomes(self, library):
        return {profile: a["outcome"] for profile, a in self.module(library)["answers"].items()}

    def test_single_phase(self):
        library = self.build(SINGLE, "single")
        (found,) = self.audit(library)["libraries"]
        (module,) = found["modules"]
        self.assertEqual((module["name"], module["init"], module["state_size"]), ("single", "single-phase", -1))
        self.assertEqual(found["calls"], ["PyGILState_Ensure"])
        self.assertGreaterEqual(found["writable_bytes"], 4000)
        self.assertEqual(self.outcomes(library), {"shared-gil": "own-risk", "own-gil": "refused",
                                                  "free-threaded": "gil-on", "multi-init": "own-risk"})

    def test_claims_of_stripped_modules(self):
        for claims, interpreters, gil, own, free in [
                ("", "none", "none", "refused", "gil-on"),
                ("{3, (void *)0},", "denied", "none", "refused", "gil-on"),
                ("{3, (void *)1}, {4, (void *)0},", "shared-gil", "denied", "refused", "gil-on"),
                ("{3, (void *)2}, {4, (void *)1},", "own-gil", "not-used", "loads", "loads")]:
            for flags in [(), ("-Wl,-z,pack-relative-relocs",)]:
                library = self.multi("claims", claims, *flags)
                module = self.module(library)
                self.assertEqual((module["init"], module["state_size"]), ("multi-phase", 8))
                self.assertEqual(module["claims"], {"interpreters": interpreters, "gil": gil}, flags)
                self.assertEqual(self.outcomes(library)["own-gil"], own)
                self.assertEqual(self.outcomes(library)["free-threaded"], free)

    def test_a_definition_made_at_run_time_is_not_read(self):
        module = self.module(self.build(AT_RUN_TIME, "late"))
        self.assertEqual(module["init"], "multi-phase")
        self.assertEqual(module["claims"], {"interpreters": "not-read", "gil": "not-read"})
        self.assertEqual(module["answers"]["own-gil"]["outcome"], "not-read")

    def test_slots_filled_at_run_time_are_not_read(self):
        module = self.module(self.build(SLOTS_AT_RUN_TIME, "filled"))
        self.assertEqual((module["init"], module["state_size"]), ("multi-phase", 0))
        self.assertEqual(module["claims"], {"interpreters": "not-read", "gil": "not-read"})

    @unittest.skipUnless(shutil.which("clang-19") and shutil.which("lld-link-19"), "needs clang-19 and lld-19")
    def test_windows_and_macos(self):
        source = self.folder / "foreign.c"
        source.write_text(FOREIGN_MODULE)
        (self.folder / "python.def").write_text("LIBRARY python314.dll\nEXPORTS\nPyModuleDef_Init\n")
        compile_for = ["clang-19", "-O1", "-c", source, "-target"]
        subprocess.run([*compile_for, "x86_64-pc-windows-msvc", "-DEXPORT=__declspec(dllexport)", "-o",
                        self.folder / "w.obj"], check=True)
        subprocess.run(["lld-link-19", f"/def:{self.folder}/python.def", "/machine:x64", f"/out:{self.folder}/python.lib"],
                       check=True)
        subprocess.run(["lld-link-19", "/dll", "/noentry", self.folder / "w.obj", self.folder / "python.lib",
                        f"/out:{self.folder}/foreign.pyd"], check=True)
        for arch in "arm64", "x86_64":
            subprocess.run([*compile_for, f"{arch}-apple-macos11", "-o", self.folder / "m.o"], check=True)
            subprocess.run(["ld64.lld-19", "-dylib", "-undefined", "dynamic_lookup", "-arch", arch, "-platform_version",
                            "macos", "11.0", "11.0", self.folder / "m.o", "-o", self.folder / f"{arch}.so"], check=True)
        for file, kind in [("foreign.pyd", "PE"), ("arm64.so", "Mach-O"), ("x86_64.so", "Mach-O")]:
            (found,) = self.audit(self.folder / file)["libraries"]
            (module,) = found["modules"]
            self.assertEqual((found["format"], module["name"], module["init"]), (kind, "foreign", "multi-phase"))
            self.assertEqual(module["claims"], {"interpreters": "own-gil", "gil": "not-used"}, file)

    def link_for(self, target, source, *flags):
        (self.folder / "any.c").write_text(source)
        library = self.folder / f"{target}.so"
        subprocess.run(["clang-19", "-O1", "-fPIC", "-c", "-target", target, *flags, self.folder / "any.c", "-o",
                        self.folder / "any.o"], check=True)
        subprocess.run(["ld.lld-19", "-shared", self.folder / "any.o", "-o", library], check=True)
        return library

    @unittest.skipUnless(shutil.which("clang-19") and shutil.which("ld.lld-19"), "needs clang-19 and lld-19")
    def test_every_width_and_order_of_bytes(self):
        for machine in ("i386", "armv7", "aarch64", "powerpc", "powerpc64", "powerpc64le", "riscv64", "s390x", "mips64"):
            module = self.module(self.link_for(f"{machine}-linux-gnu", FOREIGN_MODULE))
            self.assertEqual((module["name"], module["init"], module["state_size"]), ("foreign", "multi-phase", 16), machine)
            self.assertEqual(module["claims"], {"interpreters": "own-gil", "gil": "not-used"}, machine)

    @unittest.skipUnless(shutil.which("clang-19") and shutil.which("ld.lld-19"), "needs clang-19 and lld-19")
    def test_exported_slots(self):
        for machine in ("x86_64", "aarch64"):
            library = self.link_for(f"{machine}-linux-gnu", EXPORT, "-D" + EVERYWHERE)
            module = self.module(library)
            self.assertEqual((module["name"], module["init"], module["state_size"]), ("spam", "export", 24), machine)
            self.assertEqual(module["claims"], {"interpreters": "own-gil", "gil": "not-used"}, machine)
            self.assertEqual(set(self.outcomes(library).values()), {"loads"})
        module = self.module(self.link_for("riscv64-linux-gnu", EXPORT, "-D" + EVERYWHERE)) # whose code is not read
        self.assertEqual(module["answers"]["own-gil"]["outcome"], "not-read")

    @unittest.skipUnless(platform.machine() in ("x86_64", "aarch64"), "reads code of these machines")
    def test_a_definition_belongs_to_the_init_function_that_names_it(self):
        for flags in [(), ("-O0",), ("-fcf-protection=full",) if platform.machine() == "x86_64" else ()]:
            modules = self.audit(self.build(TWO, "both", *flags))["libraries"][0]["modules"]
            self.assertEqual([(m["name"], m["state_size"], m["claims"]) for m in modules],
                             [("one", 8, {"interpreters": "own-gil", "gil": "none"}),
                              ("two", 16, {"interpreters": "none", "gil": "not-used"})], flags)

    def test_import_finds_the_module_of_the_file_s_name_alone(self):
        built = self.build(TWO, "two")
        library = self.audit(built)["libraries"][0]
        self.assertEqual([m["name"] for m in library["modules"]], ["two"])
        self.assertEqual([(m["name"], m["state_size"]) for m in library["inner_modules"]], [("one", 8)])
        text = run("audit", built).stdout
        self.assertIn("1 extension module in", text)
        self.assertIn(f"by their file's name: the file's own code makes them. Judged in JSON alone:\n  {built}: one\n", text)

    def test_cffi_makes_in_one_phase_what_it_wrote(self):
        built = self.build(CFFI, "_pair")
        library = self.audit(built)["libraries"][0]
        self.assertEqual((library["made_by"], library["modules"][0]["init"], library["modules"][0]["state_size"]), ("cffi", "single-phase", -1))
        self.assertEqual(self.outcomes(built), {"shared-gil": "own-risk", "own-gil": "refused", "free-threaded": "own-risk", "multi-init": "own-risk"})
        for_a_gil = shutil.copy(built, self.folder / "_pair.abi3.so")
        self.assertEqual(self.outcomes(for_a_gil)["free-threaded"], "other-build")

    def test_an_environment_names_packages(self):
        site = self.folder / "lib/site-packages"
        (site / "pack-1.2.dist-info").mkdir(parents=True)
        (site / "pack-1.2.dist-info/RECORD").write_text('pack/one.so,sha256=x,1\n"pack/t,o.so",,\n')
        (site / "pack").mkdir()
        library = self.multi("one", "")
        shutil.copy(library, site / "pack/one.so")
        shutil.copy(library, site / "pack/t,o.so")
        (site / "pack/link.so").symlink_to("one.so")
        libraries = self.audit(site)["libraries"]
        self.assertEqual([(pathlib.Path(l["file"]).name, l["package"]) for l in libraries],
                         [("one.so", "pack 1.2"), ("t,o.so", "pack 1.2")])
        text = run("audit", "--profile", "own-gil", site).stdout
        self.assertIn("2 extension modules in 1 package;", text)
        self.assertIn("own-gil: it claims no support of a GIL per interpreter", text)

    def test_wheels(self):
        wheel = self.folder / "pack-1.2-cp314-cp314t-linux_x86_64.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(self.multi("bare", ""), "pack/bare.so")
            archive.writestr("pack-1.2.dist-info/METADATA", "Name: pack\nVersion: 1.2\n\nTag: no\n")
            archive.writestr("pack-1.2.dist-info/WHEEL", "Tag: cp314-cp314t-linux_x86_64\n")
        report = self.audit(wheel)
        self.assertEqual([(l["file"].partition("!/")[2], l["package"]) for l in report["libraries"]],
                         [("pack/bare.so", "pack 1.2")])
        self.assertEqual([n.partition(".whl ")[2] for n in report["notes"]],
                         ["is tagged for builds without the GIL, but bare switches the GIL on"])
        wheels = self.folder / "dist"
        wheels.mkdir()
        wheel.rename(wheels / wheel.name)
        self.assertEqual([l["package"] for l in self.audit(wheels)["libraries"]], ["pack 1.2"])

    def wheel(self, name, tag, *members, metadata=""):
        wheel = self.folder / f"{name}-{tag}.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            for library, member in members:
                archive.write(library, member)
            archive.writestr(f"{name}.dist-info/METADATA", f"Name: {name.partition('-')[0]}\nVersion: {name.partition('-')[2]}\n{metadata}\n")
            archive.writestr(f"{name}.dist-info/WHEEL", f"Tag: {tag}\n")
        return wheel

    def notes(self, wheel):
        return [note.partition(".whl ")[2] for note in self.audit(wheel)["notes"]]

    def test_tags_and_classifiers_are_held_against_the_files(self):
        bare, free = self.multi("bare", ""), self.multi("free", "{4, (void *)1},")
        machine = platform.machine()
        stable = "Classifier: Programming Language :: Python :: Free Threading :: 3 - Stable\n"
        self.assertEqual(self.notes(self.wheel("a-1", f"cp313-cp313-linux_{machine}", (free, "a/free.cpython-313-x.so"))), [])
        self.assertEqual(self.notes(self.wheel("b-1", f"cp313-cp313-linux_{machine}", (free, "b/free.cpython-312-x.so"))),
                         ["is tagged cp313, but free is a file for cp312, which that Python does not import"])
        self.assertEqual(self.notes(self.wheel("c-1", "cp313-cp313-win_amd64", (free, "c/free.so"))),
                         [f"is tagged win_amd64, but free is ELF for {machine}"])
        # A file for builds with a GIL need not claim; one for builds without must.
        self.assertEqual(self.notes(self.wheel("d-1", f"cp314-cp314-linux_{machine}", (bare, "d/bare.so"), metadata=stable)), [])
        self.assertEqual(self.notes(self.wheel("e-1", f"cp314-cp314t-linux_{machine}", (bare, "e/bare.so"), metadata=stable)),
                         ["is tagged for builds without the GIL, but bare switches the GIL on"])
        self.assertEqual(self.notes(self.wheel("f-1", f"cp314-none-linux_{machine}", (bare, "f/bare.so"), metadata=stable)),
                         ["says that it supports builds without the GIL, but bare switches the GIL on"])

    def test_abi_import_name_and_the_better_release(self):
        machine = platform.machine()
        old = self.wheel("pack-1.9", f"cp313-cp313-linux_{machine}", (self.multi("core", ""), "pack/core.cpython-313-x.so"))
        self.wheel("pack-1.10", f"cp313-cp313-linux_{machine}", (self.multi("core", "{3, (void *)2},"), "pack-1.10.data/platlib/pack/core.so"))
        by_package = {library["package"]: library for library in self.audit(self.folder, "--profile", "own-gil,free-threaded")["libraries"]
                      if library["package"]}
        first, second = by_package["pack 1.9"], by_package["pack 1.10"]
        self.assertEqual([first["abi"], second["abi"]], ["cp313", "cp313"])
        self.assertEqual([library["modules"][0]["import"] for library in (first, second)], ["pack.core", "pack.core"])
        answer = first["modules"][0]["answers"]["own-gil"]
        self.assertEqual(answer["outcome"], "refused")
        self.assertIn("exercise --private-copy", answer["way_out"])
        self.assertEqual(answer["better_release"], f"pack 1.10 ({self.folder}/pack-1.10-cp313-cp313-linux_{machine}.whl)")
        self.assertIsNone(second["modules"][0]["answers"]["own-gil"]["better_release"])
        self.assertEqual(first["modules"][0]["answers"]["free-threaded"]["outcome"], "other-build")
        self.assertIn("pack 1.9, own-gil: pack 1.10", run("audit", self.folder).stdout)
        self.assertEqual(run("audit", "--fail-on", "blocked", "--profile", "free-threaded", old).returncode, 0)
        self.assertEqual(run("audit", "--fail-on", "own-risk", "--profile", "free-threaded", old).returncode, 1)

    def test_packages_by_top_level_names(self):
        site = self.folder / "usr/lib/python3/dist-packages"
        (site / "pack_age-2.0.egg-info").mkdir(parents=True)
        (site / "pack_age-2.0.egg-info/top_level.txt").write_text("pack\n_speedups\n")
        (site / "pack/inner").mkdir(parents=True)
        for target in ("pack/inner/one.so", "_speedups.abi3.so", "other.so"):
            shutil.copy(self.multi("one", ""), site / target)
        found = {pathlib.Path(library["file"]).name: (library["package"], library["abi"], library["modules"][0]["import"])
                 for library in self.audit(site)["libraries"]}
        self.assertEqual(found, {"one.so": ("pack_age 2.0", None, "pack.inner.one"), "_speedups.abi3.so": ("pack_age 2.0", "abi3", "one"),
                                 "other.so": (None, None, "one")})

    def test_sarif(self):
        library = self.build(SINGLE, "single")
        log = json.loads(run("audit", "--format", "sarif", library).stdout)
        schema = json.loads((PROJECT / "tests/schemas/sarif-2.1.0.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(log)
        (sarif,) = log["runs"]
        self.assertEqual([(r["ruleId"], r["level"], r["properties"]["profile"]) for r in sarif["results"]],
                         [("own-risk", "warning", "shared-gil"), ("refused", "error", "own-gil"),
                          ("gil-on", "error", "free-threaded"), ("own-risk", "warning", "multi-init")])
        self.assertTrue(sarif["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///"))
        self.assertEqual(len({r["partialFingerprints"]["ringfence-audit/1"] for r in sarif["results"]}), 4)

    def test_writable_objects_and_manifests_where_symbols_are_left(self):
        library = self.build(SINGLE, "single")
        self.assertEqual(self.audit(library)["libraries"][0]["writable"], [])
        subprocess.run(["cc", "-shared", "-fPIC", f"-I{sysconfig.get_path('include')}", self.folder / "single.c", "-o",
                        self.folder / "named.so"], check=True)
        done = run("audit", "--format", "json", "--manifest", self.folder / "manifests", self.folder / "named.so", library)
        self.assertEqual(done.stderr.splitlines(), [f"ringfence: {library} names no data that can be written: it is stripped"])
        named = json.loads(done.stdout)["libraries"][0]
        self.assertIn({"name": "cache", "size": 4000}, named["writable"])
        manifest = json.loads((self.folder / "manifests/single.json").read_text())
        jsonschema.validate(manifest, json.loads((PROJECT / "rules/manifest.schema.json").read_text()))
        (cache,) = [each for each in manifest["files"][0]["objects"] if each["symbol"] == "cache"]
        self.assertEqual((cache["id"], cache["section"], cache["size"]), ("single.c:cache", ".bss", 4000))

    def test_exercise_is_the_python_package_s(self):
        done = run("audit", "--exercise", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("python -m ringfence audit --exercise", done.stderr)

    def test_ci(self):
        library = self.multi("gate", "{3, (void *)2},")
        self.assertEqual(run("audit", "--fail-on", "blocked", "--profile", "own-gil", library).returncode, 0)
        self.assertEqual(run("audit", "--fail-on", "blocked", "--profile", "free-threaded", library).returncode, 1)
        self.assertEqual(run("audit", self.folder / "missing").returncode, 2)

    def test_hostile_files_are_errors(self):
        library = self.multi("cut", "{3, (void *)2},")
        library.write_bytes(b"\x7fELF" + bytes(range(256)) * 9)
        self.audit(library, code=3)
        bomb = self.folder / "bomb.whl"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open("a.so", "w", force_zip64=True) as member:
                for _ in range(5):
                    member.write(bytes(1 << 20))
        data = bytearray(bomb.read_bytes())
        self.audit(bomb, code=3)
        bomb.write_bytes(data[:len(data) // 2])
        (broken,) = self.audit(bomb, code=3)["libraries"]
        self.assertEqual(broken["error"], "it is no wheel, or it is damaged")


if __name__ == "__main__":
    unittest.main()
