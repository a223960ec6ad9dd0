"""`ringfence rules`: the table, and what the author of a bad rule is told."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import jsonschema

import support


def run(*arguments):
    return subprocess.run([support.ringfence(), "rules", *arguments], capture_output=True, text=True, timeout=60)


class RulesTest(unittest.TestCase):
    def test_lists_every_built_in_rule(self):
        result = run()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        root = pathlib.Path(__file__).resolve().parents[2]
        for rule in root.glob("rules/RF*.json"):
            code, name = rule.stem.split("-", 1)
            self.assertRegex(result.stdout, rf"(?m)^{code}\s+{name}\s")

    def test_lists_predicates(self):
        result = run("--predicates")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"(?m)^object\s+deep-const\s")

    def test_shows_the_order_in_which_verdict_rules_are_asked(self):
        rule = json.loads((pathlib.Path(__file__).resolve().parents[2] / "rules/RF103-cached-import.json").read_text())
        self.assertRegex(run().stdout, rf"(?m)^RF103 +cached-import +{rule['rank']} +object-cache ")

    def test_lists_the_traits_of_the_tables(self):
        result = run("--traits")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        traits = result.stdout.splitlines()
        self.assertEqual(traits, sorted(set(traits)))
        self.assertIn("api-table", traits)

    def test_names_the_nearest_spelling_in_a_bad_rule(self):
        rule = {"code": "RF950", "name": "mine", "applies_to": "call", "when": {"calls-any-with": "gil-restor"},
                "message": "m", "why": "w"}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "RF950-mine.json")
            path.write_text(json.dumps(rule))
            result = run("--rules", folder)
            self.assertEqual(result.returncode, 2)
            self.assertIn('did you mean "gil-restore"?', result.stderr)
            rule["when"] = {"calls-any-with": "gil-restore"}
            path.write_text(json.dumps(rule))
            result = run("--rules", folder)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertRegex(result.stdout, r"(?m)^RF950\s+mine\s+check\s+call\s")


RULE = {"code": "RF950", "name": "mine", "applies_to": "call", "when": {"calls": "forbidden"},
        "message": "calls {name}", "why": "w"}


class TestOptionTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "rules").mkdir()
        (self.folder / "rules/RF950-mine.json").write_text(json.dumps(RULE))
        (self.folder / "fixtures").mkdir()

    def fixture(self, name, text):
        (self.folder / "fixtures" / name).write_text(text)

    def run_fixtures(self, path="fixtures"):
        return run("--rules", str(self.folder / "rules"), "--test", str(self.folder / path))

    def test_a_fixture_that_agrees_is_ok(self):
        self.fixture("RF950-mine.c", "void forbidden(void);\nvoid f(void) { forbidden(); } // expect: RF950\n")
        result = self.run_fixtures()
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, "RF950-mine.c: ok\n1 fixture, 0 of them differ\n")

    def test_each_difference_is_told_with_its_line(self):
        self.fixture("RF950-mine.c", "void forbidden(void);\nvoid f(void) { forbidden(); }\n// expect: RF301\n")
        self.fixture("quiet.cc", "// expect-none\nint f() { return 1; }\n")
        result = self.run_fixtures()
        self.assertEqual((result.returncode, result.stderr), (1, ""))
        self.assertEqual(result.stdout, "RF950-mine.c: 2 differences\n"
                                        "  RF950-mine.c:3: expected, but not found: RF301\n"
                                        "  RF950-mine.c:2: found, but not expected: RF950\n"
                                        "quiet.cc: ok\n"
                                        "2 fixtures, 1 of them differs\n")
        alone = self.run_fixtures("fixtures/quiet.cc")
        self.assertEqual((alone.returncode, alone.stdout), (0, "quiet.cc: ok\n1 fixture, 0 of them differ\n"))

    def test_a_fixture_loads_no_plugin_and_must_compile(self):
        self.fixture("a.c", "// expect-none\n// flags: -fplugin=./evil.so -DN=1\nint f(void) { return N; }\n")
        self.fixture("b.c", "// expect-none\nint f(void) { return missing; }\n")
        result = self.run_fixtures()
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.c: ok\n", result.stdout)
        self.assertIn("  b.c:2: does not compile: use of undeclared identifier 'missing'\n", result.stdout)

    def test_a_folder_without_fixtures_is_an_error(self):
        result = self.run_fixtures()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("no .c or .cc file lies there", result.stderr)

    def test_the_built_in_rules_agree_with_their_own_fixtures(self):
        result = run("--test", str(pathlib.Path(__file__).resolve().parents[2] / "fixtures/rules/RF103-cached-import.c"))
        self.assertEqual((result.returncode, result.stderr), (0, ""))


def change(rule, path, value):
    """A copy of the rule with another value at a path of keys; None removes it."""
    copy = json.loads(json.dumps(rule))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return copy


class SchemaTest(unittest.TestCase):
    """rules/rule.schema.json and the program's own loader agree."""

    CHECK = {"code": "RF950", "name": "mine", "applies_to": "call", "when": {"all": ["in-exec", {"calls": ["f"]}]},
             "risk": {"own-gil": "low"}, "adjust": [{"when": "in-exec", "risk": {"own-gil": "high"}, "note": "n"}],
             "message": "m", "remedy": [{"since": "3.9", "text": "t"}], "why": "w", "references": ["r"]}
    VERDICT = {"code": "RF951", "name": "my-verdict", "applies_to": "object", "rank": 7, "when": "deep-const",
               "verdict": "constant", "kind": "mine", "level": "process", "message": "m", "why": "w"}
    RUN = {"code": "RF952", "name": "by-run", "applies_to": "object", "made_by": "scan --evidence", "message": "m",
           "why": "w"}
    GOOD = [(CHECK, (), None), (VERDICT, (), None), (RUN, (), None), (CHECK, ("when",), {"argument-is-null": 1}),
            (CHECK, ("remedy",), None), (CHECK, ("adjust", 0, "risk"), None), (CHECK, ("$schema",), "s"),
            (CHECK, ("when",), {"any": []}), (CHECK, ("level",), "module")]
    BAD = [(CHECK, ("code",), "XY1"), (CHECK, ("code",), None), (CHECK, ("name",), "Not A Word"), (CHECK, ("name",), None),
           (CHECK, ("applies_to",), "thing"), (CHECK, ("applies_to",), None), (CHECK, ("when",), None),
           (CHECK, ("when",), 3), (CHECK, ("when",), {"all": "in-exec"}), (CHECK, ("when",), {"all": [], "any": []}),
           (CHECK, ("when",), {"calls": []}), (CHECK, ("made_by",), "scan --evidence"), (CHECK, ("verdict",), "constant"),
           (CHECK, ("risk",), {"own-gill": "low"}), (CHECK, ("risk",), {"own-gil": "lov"}), (CHECK, ("risk",), "low"),
           (CHECK, ("adjust",), {}), (CHECK, ("adjust", 0, "note"), None), (CHECK, ("adjust", 0, "more"), 1),
           (CHECK, ("adjust", 0, "when"), None), (CHECK, ("remedy",), "t"), (CHECK, ("remedy", 0, "since"), "old"),
           (CHECK, ("remedy", 0, "text"), None), (CHECK, ("message",), None), (CHECK, ("why",), 1),
           (CHECK, ("references",), "r"), (CHECK, ("mesage",), "m"), (VERDICT, ("rank",), 0), (VERDICT, ("rank",), "1"),
           (VERDICT, ("rank",), None), (VERDICT, ("verdict",), None), (VERDICT, ("kind",), None),
           (VERDICT, ("level",), "planet"), (VERDICT, ("level",), None), (RUN, ("rank",), 3), (RUN, ("made_by",), "")]

    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(__file__).resolve().parents[2]
        schema = json.loads((cls.root / "rules/rule.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.schema = jsonschema.Draft202012Validator(schema)

    def loads(self, rule):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "rule.json").write_text(json.dumps(rule))
            return run("--rules", folder).returncode == 0

    def test_built_in_rules_are_valid(self):
        rules = sorted(self.root.glob("rules/RF*.json"))
        self.assertGreater(len(rules), 100)
        for path in rules:
            with self.subTest(rule=path.name):
                rule = json.loads(path.read_text())
                self.schema.validate(rule)
                self.assertEqual(path.stem, f'{rule["code"]}-{rule["name"]}')

    def test_the_loader_agrees(self):
        for good, cases in ((True, self.GOOD), (False, self.BAD)):
            for rule, path, value in cases:
                changed = change(rule, path, value) if path else rule
                with self.subTest(rule=rule["code"], path=path, value=value):
                    self.assertEqual(self.schema.is_valid(changed), good)
                    self.assertEqual(self.loads(changed), good)


if __name__ == "__main__":
    unittest.main()
