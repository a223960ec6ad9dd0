"""The inventory against llvm-nm: scripts/oracle on fixtures and on public trees, and the rules by which it reads symbols."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import support

sys.path.insert(0, str(support.PROJECT / "scripts/lib"))
import symbol_names  # noqa: E402  (stands in scripts/lib/)

ORACLE = support.PROJECT / "scripts/oracle"
SOURCES = pathlib.Path(__file__).parent / "oracle"


def oracle(*arguments):
    command = [ORACLE, "--ringfence", support.ringfence(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write_database(folder, sources, *flags):
    """A compile database of these files; its path."""
    path = pathlib.Path(folder) / "compile_commands.json"
    path.write_text(json.dumps([{"directory": str(source.parent), "file": str(source),
                                 "arguments": ["cc" if source.suffix == ".c" else "c++", *flags, "-c", str(source)]}
                                for source in sources]))
    return path


class OracleTest(unittest.TestCase):
    def check(self, *arguments):
        done = oracle(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_every_kind_of_symbol(self):
        with tempfile.TemporaryDirectory() as folder:
            database = write_database(folder, sorted(SOURCES.glob("storage.*")))
            output = self.check("--root", SOURCES, "--compile-commands", database)
        self.assertIn("| units that do not compile | 0 |", output)
        for rule in ("guard variable", "reference temporary", "type information", "virtual table or VTT"):
            self.assertIn(f"| left out: {rule} |", output)

    def test_a_missing_object_is_noticed(self):
        """The oracle itself: without one of the objects, each of these reports fails, and it says which symbol is missing."""
        with tempfile.TemporaryDirectory() as folder:
            database = write_database(folder, [SOURCES / "storage.c"])
            report = support.scan(SOURCES, "--compile-commands", database, "--allow-incomplete")
            for name, function, symbol in (("file_static", None, "file_static"), ("inside", "never_called", "never_called.inside"),
                                           ("same_name", "called", "called.same_name"), ("labelled", None, "another_symbol")):
                with self.subTest(name=name):
                    objects = list(report["objects"])
                    objects.remove(next(entry for entry in objects if (entry["name"], entry["function"]) == (name, function)))
                    incomplete = pathlib.Path(folder) / "report.json"
                    incomplete.write_text(json.dumps({**report, "objects": objects}))
                    done = oracle("--root", SOURCES, "--compile-commands", database, "--report", incomplete)
                    self.assertEqual(done.returncode, 1)
                    self.assertRegex(done.stdout, rf"missing: .*storage\.c: {symbol}")

    def test_fixtures(self):
        sources = [path for pattern in ("**/*.c", "**/*.cc") for path in sorted(support.FIXTURES.glob(pattern))]
        with tempfile.TemporaryDirectory() as folder:
            database = write_database(folder, sources, "-I/usr/include/python3.11")
            self.check("--root", support.FIXTURES, "--compile-commands", database)

    def test_small_tree(self):
        support.corpus("zstandard")
        self.check("zstandard")

    def test_cpython(self):
        support.large_corpus("cpython-3.13")
        self.check("cpython-3.13", "--units", 40)


class SymbolNamesTest(unittest.TestCase):
    def test_source_names(self):
        expected = {
            "plain": ("plain", ""),
            "function.local": ("local", "function"),
            "function.local.12": ("local", "function"),
            "_ZN5outerL12in_namespaceE": ("in_namespace", ""),
            "_ZN12_GLOBAL__N_19anonymousE": ("anonymous", ""),
            "_ZN6HolderIiE5countE": ("count", ""),
            "_Z17variable_templateIiE": ("variable_template", ""),
            "_ZZNK5outer5Class6methodEvE5local_0": ("local", "method"),
            "_ZZN5outer5ClassC1EvE14in_constructor": ("in_constructor", "Class"),
            "_ZZN5outer5ClassD1EvE13in_destructor": ("in_destructor", "~Class"),
            "_ZZNK5outer5ClasscvbEvE13in_conversion": ("in_conversion", "operator bool"),
            "_ZZNK5outer5ClassclEiE7in_call": ("in_call", "operator()"),
            "_ZZNK5outer5ClassltERKS0_E13in_comparison": ("in_comparison", "operator<"),
            "_ZZ17function_templateIiEiT_E4last": ("last", "function_template"),
            "_ZZZ3usevENK3$_0clEiE9in_lambda": ("in_lambda", "use"),
            "_ZDC7bound_x7bound_yE": ("[bound_x, bound_y]", ""),
        }
        for symbol, text in zip(expected, symbol_names.demangle(list(expected))):
            with self.subTest(symbol=symbol):
                self.assertIsNone(symbol_names.compiler_made(symbol))
                name = symbol_names.source_name(symbol, text)
                self.assertEqual((name.spellings[0], name.function), expected[symbol])

    def test_compiler_made(self):
        for symbol in ("_ZTV7Virtual", "_ZTI7Virtual", "_ZTS7Virtual", "_ZGVZ3usevE7guarded", "_ZGR8extended_", "__tls_guard",
                       "DW.ref.__gxx_personality_v0", "__dso_handle"):
            with self.subTest(symbol=symbol):
                self.assertIsNotNone(symbol_names.compiler_made(symbol))


if __name__ == "__main__":
    unittest.main()
