"""Every format on real trees and on a hostile one: valid by its schema where there is one, and true to the JSON report."""

import collections
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from urllib.parse import unquote

import jsonschema

import support

SCHEMAS = support.PROJECT / "tests/schemas"
RISKS = ("none", "low", "medium", "high")

# Of every kind: an object for each risk, a candidate for const in three places, a name that every format must escape.
MODULE = """\
#include "shared.h"
typedef struct { long refs; } PyObject;
PyObject *make(void);
static PyObject *cache;
static int counter;
static int primes[] = {2, 3, 5};
/* \u00e9\U0001f600 */ static int later[] = {1};
PyObject *get(void) {
    counter++;
    if (!cache) cache = make();
    return cache;
}
int look(int i) { return primes[i] + shared_table[i] + later[i]; }
"""
SHARED = "extern int shared_table[2];\n"
OTHER = """\
#include "shared.h"
int shared_table[2] = {1, 2};
static int hits;
int hit(void) { return ++hits; }
"""
OTHER_NAME = "=|`<b>,\"'%;&.c"


def subject_of(entry):
    return entry.get("id") or entry["subject"]


def problems_of(report, risk):
    """(file, line, subject, rule) of what the formats list: objects and findings, once for each fingerprint."""
    # An object at risk that is no finding was written by a generator: the finding on its generator's code speaks for it.
    single = {each["fingerprint"] for each in report["findings"]}
    found = {}
    for each in sorted([each for each in report["objects"] if each["fingerprint"] in single] + report["findings"],
                       key=lambda each: (each["file"], each["line"], each["column"], each["rule"], subject_of(each))):
        if max(RISKS.index(value) for value in each["risk"].values()) >= RISKS.index(risk):
            found.setdefault(each["fingerprint"], (each["file"], each["line"], subject_of(each), each["rule"]))
    return sorted(found.values())


class FormatsOfATree:
    """The checks of one tree; `root`, `arguments` and `report` come from the classes below."""

    def text(self, form, *arguments, env=None):
        command = [support.ringfence(), "scan", self.root, *self.arguments, "--format", form, "-q", *arguments]
        done = subprocess.run(list(map(str, command)), capture_output=True, check=False, timeout=600,
                              env={**os.environ, **(env or {})})
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def test_json(self):
        schema = json.loads((support.PROJECT / "rules/report.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(self.report)

    def test_sarif(self):
        log = json.loads(self.text("sarif", "--min-risk", "low"))
        schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(log)
        results = log["runs"][0]["results"]
        places = [each["locations"][0] for each in results]
        listed = sorted((unquote(place["physicalLocation"]["artifactLocation"]["uri"]),
                         place["physicalLocation"].get("region", {}).get("startLine", 0),
                         place["logicalLocations"][0]["fullyQualifiedName"]) for place in places)
        self.assertEqual(listed, [problem[:3] for problem in problems_of(self.report, "low")])
        self.assertEqual(len({each["partialFingerprints"]["ringfence/1"] for each in results}), len(results))
        rules = {rule["id"]: rule for rule in log["runs"][0]["tool"]["driver"]["rules"]}
        self.assertEqual({each["ruleId"] for each in results}, set(rules))
        for rule in rules.values():
            self.assertTrue(rule["help"]["text"].startswith(rule["fullDescription"]["text"]), rule["id"])
            self.assertTrue(rule["helpUri"].startswith("https://"), rule["id"])
        related = {each["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: {
            (unquote(location["physicalLocation"]["artifactLocation"]["uri"]),
             location["physicalLocation"].get("region", {}).get("startLine", 0))
            for location in each["relatedLocations"]} for each in results}
        for each in self.report["objects"]:
            if each["id"] in related:
                writes = {(site["file"], site["line"]) for site in each["writes"]["sites"]}
                self.assertLessEqual(writes, related[each["id"]], each["id"])

    def test_junit(self):
        text = self.text("junit", "--min-risk", "low")
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(text.encode())
            file.flush()
            done = subprocess.run(["xmllint", "--noout", "--schema", SCHEMAS / "junit.xsd", file.name],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr[:2000])
        suites = xml.etree.ElementTree.fromstring(text)
        for suite in suites:
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
        units, state = suites
        self.assertEqual(len(units), len(self.report["units"]))
        self.assertEqual(len(state), len(problems_of(self.report, "low")))

    def test_gitlab(self):
        issues = json.loads(self.text("gitlab", "--min-risk", "low"))
        for issue in issues:
            self.assertEqual(set(issue), {"description", "check_name", "fingerprint", "severity", "location"})
            self.assertIn(issue["severity"], ("info", "minor", "major", "critical", "blocker"))
        self.assertEqual(len({issue["fingerprint"] for issue in issues}), len(issues))
        listed = sorted((issue["location"]["path"], issue["location"]["lines"]["begin"], issue["check_name"])
                        for issue in issues)
        self.assertEqual(listed, sorted((file, line, rule) for file, line, _, rule in problems_of(self.report, "low")))

    def test_github(self):
        with tempfile.TemporaryDirectory() as folder:
            summary = pathlib.Path(folder, "summary.md")
            summary.write_text("before\n")
            text = self.text("github", "--min-risk", "low", env={"GITHUB_STEP_SUMMARY": str(summary)})
            self.assertTrue(summary.read_text().startswith("before\n## Global state\n"))
            self.check_markdown(summary.read_text().removeprefix("before\n"))
        lines = text.splitlines()
        for line in lines:
            self.assertRegex(line, r"^::(error|warning|notice) file=[^:,]*,line=\d+,title=[^:,]*::.+$")
        places = sorted((re.sub(r"%([0-9A-F]{2})", lambda match: chr(int(match[1], 16)), line[line.index("=") + 1:line.index(",line=")]),
                         int(re.search(r",line=(\d+),", line)[1])) for line in lines)
        self.assertEqual(places, [problem[:2] for problem in problems_of(self.report, "low")])

    def test_markdown(self):
        self.check_markdown(self.text("markdown", "--min-risk", "low"))

    def check_markdown(self, text):
        self.assertLess(len(text), 65536, "too long for a tracker's issue")
        tables = [block.splitlines() for block in re.split(r"\n\n+", text) if block.startswith("|")]
        for table in tables:
            widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
            self.assertEqual(len(widths), 1, table[0])
        if self.report["modules"]:
            self.assertEqual(tables[0][0].split(" | ")[:2], ["| module", "problems"])
            self.assertGreaterEqual(len(tables[0]), 3)
            cells = [line.split(" | ")[1] for line in tables[0][2:]]
            counted = sum(int(number) for cell in cells for number in re.findall(r"\d+", cell))
            self.assertEqual(counted, len(problems_of(self.report, "low")))
        left_out = sum(map(int, re.findall(r"(?m)^And (\d+) more", text)))
        consequences = sum(line.count(", and so ") for line in tables[-1])
        self.assertEqual(len(tables[-1]) - 2 + consequences + left_out, len(problems_of(self.report, "low")))

    def test_tables(self):
        tsv = [line.split("\t") for line in self.text("tsv").splitlines()]
        plain = list(csv.reader(io.StringIO(self.text("csv"), newline="")))
        self.assertEqual([[field.lstrip("'") for field in row] for row in plain],
                         [[field.lstrip("'") for field in row] for row in tsv])
        rows = [dict(zip(tsv[0], row)) for row in tsv[1:]]
        self.assertEqual([row["id"] for row in rows], [each["id"] for each in self.report["objects"]])
        for row, each in zip(rows, self.report["objects"]):
            for name in ("file", "name", "type", "verdict", "rule", "fingerprint"):
                self.assertEqual(row[name], each[name])
            self.assertEqual({profile: row[profile] for profile in each["risk"]}, each["risk"])


class SmallTreeTest(FormatsOfATree, unittest.TestCase):
    arguments = ()

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name) / "a tree"
        cls.root.mkdir()
        for name, text in (("module.c", MODULE), ("shared.h", SHARED), (OTHER_NAME, OTHER)):
            (cls.root / name).write_text(text)
        cls.report = support.scan(cls.root)

    def results(self, root, *arguments):
        done = support.run("scan", root, "--format", "sarif", "-q", *arguments)
        return json.loads(done.stdout)["runs"][0]["results"]

    def test_the_tree_has_every_risk(self):
        self.assertEqual({max(each["risk"].values(), key=RISKS.index) for each in self.report["objects"]},
                         {"low", "medium", "high"})

    def test_text_in_every_order_has_every_problem(self):
        count = len(problems_of(self.report, "low"))
        for group_by in ("file", "module", "verdict", "rule"):
            for sort in ("file", "name", "risk", "rule"):
                text = self.text("text", "--min-risk", "low", "--limit", "0", "--color", "never", "--group-by", group_by,
                                 "--sort", sort)
                self.assertEqual(len(re.findall(r"(?m)^  \S+\s+(?:low|medium|high) ", text)), count)

    def test_sarif_fixes_are_what_scan_fix_writes(self):
        edits = collections.defaultdict(list)
        for result in self.results(self.root, "--min-risk", "low"):
            for change in result.get("fixes", [{"artifactChanges": []}])[0]["artifactChanges"]:
                edits[unquote(change["artifactLocation"]["uri"])] += change["replacements"]
        self.assertEqual(set(edits), {"module.c", "shared.h", OTHER_NAME})
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            for path in self.root.iterdir():
                (copy / path.name).write_bytes(path.read_bytes())
            support.run("scan", "--fix", copy)
            for name, replacements in edits.items():
                lines = (self.root / name).read_text().split("\n")
                for each in sorted(replacements, key=lambda one: -one["deletedRegion"]["startColumn"]):
                    region = each["deletedRegion"]
                    self.assertEqual(region["startColumn"], region["endColumn"])
                    line = lines[region["startLine"] - 1].encode("utf-16-le")
                    at = 2 * (region["startColumn"] - 1)
                    lines[region["startLine"] - 1] = (line[:at] + each["insertedContent"]["text"].encode("utf-16-le")
                                                      + line[at:]).decode("utf-16-le")
                self.assertEqual("\n".join(lines), (copy / name).read_text())

    def test_sarif_fingerprints_outlive_moved_code(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            for path in self.root.iterdir():
                (copy / path.name).write_text("/* new */\n\n" + path.read_text())
            prints = [sorted(each["partialFingerprints"]["ringfence/1"] for each in self.results(root))
                      for root in (self.root, copy)]
            self.assertEqual(prints[0], prints[1])

    def test_sarif_of_a_gate_says_what_is_new(self):
        with tempfile.TemporaryDirectory() as folder:
            before = pathlib.Path(folder, "before.json")
            report = {**self.report, "objects": [each for each in self.report["objects"] if each["name"] != "cache"],
                      "findings": []}
            del report["digest"]
            before.write_text(json.dumps(report))
            done = support.run("gate", self.root, "--against", before, "--format", "sarif", "-q")
            self.assertEqual(done.returncode, 1, done.stderr)
            log = json.loads(done.stdout)
            jsonschema.Draft202012Validator(json.loads((SCHEMAS / "sarif-2.1.0.json").read_text())).validate(log)
            states = {each["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: each["baselineState"]
                      for each in log["runs"][0]["results"]}
            self.assertEqual(states["module.c:cache"], "new")
            self.assertEqual(states["module.c:counter"], "unchanged")


class RealTreeTest(FormatsOfATree, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        tree = support.corpus("psycopg2")
        cls.root, cls.arguments = tree / "src", ("-p", tree / "build")
        cls.report = support.scan(cls.root, *cls.arguments)


if __name__ == "__main__":
    unittest.main()
