"""What modules claim, checked against their code: each folder of fixtures/claims is a tree of its own.

A comment says what the report must say of a module, wherever it stands in the tree:

    // module: NAME claims multiple-interpreters=supported, gil=used     (or: claims nothing)
    // module: NAME own-gil false: cache, error      the verdict under a profile, and the objects that stand against it
    // module: NAME finds RF305 RF308                the findings on claims, all of them (or: finds nothing)
"""

import json
import pathlib
import re
import tempfile
import unittest

import support

CLAIMS = support.FIXTURES / "claims"
INCLUDES = [CLAIMS / "include", support.FIXTURES / "include"]
ABOUT_CLAIMS = {"RF305", "RF306", "RF307", "RF308", "RF309"}
MARK = re.compile(r"// module: (\w+) (.*)")


def python_include():
    """The headers of an installed Python, for the command lines of the fixtures."""
    for version in ("3.13", "3.12", "3.11"):
        folder = pathlib.Path(f"/usr/include/python{version}")
        if (folder / "Python.h").exists():
            return folder
    raise unittest.SkipTest("no Python headers")


def expectations(tree):
    """{module: [what the comments say of it]}"""
    said = {}
    for source in sorted(tree.rglob("*.c*")):
        for name, text in MARK.findall(source.read_text()):
            said.setdefault(name, []).append(text)
    return said


def scan(tree):
    own = [tree / "Include"] if (tree / "Include").exists() else []
    includes = [f"-I{folder}" for folder in own] + [f"-isystem{folder}" for folder in [*INCLUDES, python_include()]]
    with tempfile.TemporaryDirectory() as folder:
        database = pathlib.Path(folder) / "compile_commands.json"
        database.write_text(json.dumps([
            {"directory": str(tree), "file": str(source),
             "arguments": ["clang", "-std=gnu11" if source.suffix == ".c" else "-std=c++17", *includes, "-c", str(source)]}
            for source in sorted(tree.rglob("*.c*"))]))
        return support.scan(tree, "--compile-commands", database)


def what_is_said(report, module, text):
    """The report's own words for what a comment says: the same text where they agree."""
    kind, _, _ = text.partition(" ")
    if kind == "claims":
        claims = [f"{topic}={value}" for topic, value in module["claims"].items()]
        wanted = text.removeprefix("claims ").split(", ")
        return "claims " + (", ".join(sorted(claims, key=lambda c: wanted.index(c) if c in wanted else 9)) or "nothing")
    if kind == "finds":
        subject = f'{module["file"]}:{module["name"]}'
        found = {finding["rule"].split()[0] for finding in report["findings"] if finding["subject"] == subject}
        return "finds " + (" ".join(sorted(found & ABOUT_CLAIMS)) or "nothing")
    verified = module["verified"][kind]
    names = sorted(re.split(r"[:()]+", identity)[-1] for identity in verified["refuted_by"])
    return f'{kind} {verified["verdict"]}' + (": " + ", ".join(names) if names else "")


class ClaimsTest(unittest.TestCase):
    def test_fixtures(self):
        trees = sorted(path for path in CLAIMS.iterdir() if path != CLAIMS / "include")
        self.assertGreater(len(trees), 5)
        for tree in trees:
            said = expectations(tree)
            report = scan(tree)
            modules = {module["name"]: module for module in report["modules"]}
            self.assertEqual(set(modules), set(said), tree.name)
            for name, texts in said.items():
                for text in texts:
                    with self.subTest(tree=tree.name, module=name):
                        self.assertEqual(what_is_said(report, modules[name], text), text)

    def test_each_verdict_is_there(self):
        verdicts = {text.split(":")[0].split()[1] for tree in CLAIMS.iterdir() for texts in expectations(tree).values()
                    for text in texts if text.split()[0] in ("own-gil", "free-threaded")}
        self.assertEqual(verdicts, {"false", "holds", "could-claim-more", "missing", "not-read"})

    def test_clean_controls_of_cpython(self):
        """Modules of CPython that experts have isolated: no finding of high risk, and their claims hold."""
        tree = support.large_corpus("cpython-3.13")
        files = {"xxlimited": "Modules/xxlimited.c", "_statistics": "Modules/_statisticsmodule.c",
                 "fcntl": "Modules/fcntlmodule.c"}
        report = support.scan(tree / "src", "-p", tree / "build", *(f"--include={file}" for file in files.values()))
        modules = {(module["name"], module["file"]): module for module in report["modules"]}
        for name, file in files.items():
            with self.subTest(module=name):
                module = modules[name, file]
                self.assertEqual(module["claims"]["multiple-interpreters"], "per-interpreter-gil")
                self.assertEqual({profile: said["verdict"] for profile, said in module["verified"].items()},
                                 dict.fromkeys(["shared-gil", "own-gil", "free-threaded", "multi-init"], "holds"))
        high = [finding for finding in report["findings"] if "high" in finding["risk"].values()]
        self.assertEqual([f'{f["rule"]} {f["subject"]}' for f in high], [])


if __name__ == "__main__":
    unittest.main()
