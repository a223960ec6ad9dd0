"""What is known of names stands in rules/tables/*.json and tool/knowledge/: no list of them elsewhere, none for nobody."""

import json
import pathlib
import re
import unittest

import support

TOOL = support.PROJECT / "tool"
RULES = support.PROJECT / "rules"

# A text that is nothing but a name of an API, or the beginning of one.
NAME = re.compile(
    r"(_{0,2}(Py|PY_|CPy|pyx_|Pyx_|sync_|atomic_|builtin_)|(std|boost|absl|pybind11|nanobind)::|pthread_|mtx_|cnd_|sem_|"
    r"PYBIND11|NB_|SWIG_|[Ss]wig|f2py|sip[A-Z]|g_|uv_|sqlite3_|CRYPTO_|(call_once|malloc|calloc|realloc|free|memcpy)$)"
    r"\w*(::\w*)*( \*)?")
RULE = re.compile(r"RF\d{3}\b.*")
TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')

# Each with the reason why it is no knowledge of a name.
ALLOWED = {
    ("classify/predicates/call_predicates.cc", "PyTypeObject *"): "how facts spell a type",
    ("classify/predicates/member_predicates.cc", "std::"): "all containers of the C++ library, whatever their names",
    ("classify/predicates/object_facts.cc", "PyObject *"): "how facts spell a type",
    ("extract/bodies/call_reader.cc", "Py_TYPE"): "what a read of ob_type is, where it is a macro",
    ("extract/bodies/callee_traits.cc", "std::"): "puts a declaration's name together, without inline namespaces",
    ("extract/bodies/callee_traits.cc", "std::atomic::"): "the rows of atomic classes' methods have this beginning",
    ("extract/bodies/lock_functions.cc", "std::"): "puts a declaration's name together, without inline namespaces",
    ("rewrite/heap_type_text.cc", "Py_"): "written into a source",
    ("rewrite/heap_type_text.cc", "Py_TPFLAGS_DEFAULT"): "written into a source",
    ("rewrite/heap_type_text.cc", "Py_tp_members"): "written into a source",
    ("rewrite/heap_type_text.cc", "PyTypeObject *"): "written into a source",
    ("rewrite/heap_type_text.cc", "free"): "a member of a type: tp_free",
    ("scan/conditions.cc", "PY_MAJOR_VERSION"): "a macro that conditions ask for",
    ("scan/conditions.cc", "PY_MINOR_VERSION"): "a macro that conditions ask for",
    ("scan/conditions.cc", "PY_VERSION_HEX"): "a macro that conditions ask for",
    ("scan/conditions.cc", "Py_GIL_DISABLED"): "a macro that conditions ask for",
    ("scan/world_units.cc", "Py_GIL_DISABLED"): "a macro that conditions ask for",
    ("source/build_macros.cc", "PY_"): "the beginning of macros that a world defines",
    ("source/build_macros.cc", "Py_"): "the beginning of macros that a world defines",
    ("source/infer.cc", "Py_LIMITED_API"): "a macro that sources define, not one that they use",
    ("source/worlds.cc", "PY_MINOR_VERSION"): "read in a Python's own header",
}


def sources():
    for path in sorted(TOOL.rglob("*")):
        if path.suffix in (".cc", ".h"):
            yield path.relative_to(TOOL).as_posix(), path.read_text()


def without_comments(text):
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*', lambda found: found[1] or "", text)


def tables():
    return {path.name: json.loads(path.read_text()) for path in sorted((RULES / "tables").glob("*.json"))}


def words(condition):
    """All texts in a condition: names of predicates and their arguments."""
    if isinstance(condition, str):
        yield condition
    elif isinstance(condition, dict):
        for key, value in condition.items():
            yield key
            yield from words(value)
    elif isinstance(condition, list):
        for value in condition:
            yield from words(value)


def asked_by_rules():
    asked = set()
    for path in RULES.glob("RF*.json"):
        rule = json.loads(path.read_text())
        asked.update(words([rule.get("when", [])] + [each["when"] for each in rule.get("adjust", [])]))
    return asked


def asked_in_code():
    """What calls of has("...") and of functions that pass a trait on to it name."""
    inside = r"[^()]*"
    for _ in range(4):
        inside = rf"(?:[^()]|\({inside}\))*"
    call = re.compile(rf"\b(?:has|leads_to|calls_with|calls_any_with)\(({inside})\)")
    return {each for _, text in sources() for arguments in call.findall(text) for each in TEXT.findall(arguments)}


def kinds():
    """The words of rows' kinds ("is", "does") with their enumerators, as the reader of tables lists them."""
    text = (TOOL / "knowledge/table_reader.cc").read_text()
    return re.findall(r'\{"([a-z-]+)",\s*(Known\w+::(?:Is|Does|Kind)::\w+)\}', text)


class NamesTest(unittest.TestCase):
    def test_no_name_of_an_api_and_no_rule_code_stands_in_code(self):
        found = set()
        for path, text in sources():
            if path.startswith("knowledge/"):
                continue
            found |= {(path, each) for each in TEXT.findall(without_comments(text))
                      if NAME.fullmatch(each) or RULE.fullmatch(each)}
        self.assertEqual(found - ALLOWED.keys(), set(), "these belong into rules/tables/*.json (CONTRIBUTING.md)")
        self.assertEqual(ALLOWED.keys() - found, set(), "allowed, and no longer there")

    def test_every_trait_and_every_kind_is_asked_for(self):
        asked = asked_by_rules() | asked_in_code()
        dead = {}
        for file, table in tables().items():
            for section in ("functions", "records", "objects"):
                for name, entry in table.get(section, {}).items():
                    for trait in entry.get("traits", []):
                        if trait not in asked:
                            dead.setdefault(trait, []).append(f"{name} in {file}")
        self.assertEqual(dead, {})

        code = "".join(text for path, text in sources() if path != "knowledge/table_reader.cc")
        rows = [row for table in tables().values() for section in ("records", "locks", "atomics")
                for row in table.get(section, {}).values()]
        written = {row.get(key) for row in rows for key in ("is", "does", "kind")} | {"mutex"}
        self.assertGreater(len(kinds()), 20)
        for word, enumerator in kinds():
            with self.subTest(kind=word):
                self.assertIn(word, written)
                self.assertRegex(code, rf"\b({enumerator}|{enumerator.split('::', 1)[1]}|AtomicOperation::{word})\b")

    def test_rules_speak_of_generators_that_are_known(self):
        known = {name for table in tables().values() for name in table.get("generators", {})}
        spoken = set()
        for path in RULES.glob("RF*.json"):
            for found in re.findall(r'"(?:generated-by|bound-by)":\s*(\[[^]]*\]|"[^"]*")', path.read_text()):
                spoken.update(TEXT.findall(found))
        self.assertGreater(len(spoken), 3)
        self.assertLessEqual(spoken, known)

    def test_every_entry_says_something(self):
        """A function of Python says by its name alone that it works on Python's state."""
        silent = [f"{name} in {file}" for file, table in tables().items() for section in ("functions", "records", "objects")
                  for name, entry in table.get(section, {}).items()
                  if not entry.keys() - {"source", "since", "note"} and file != "python-api.json"]
        self.assertEqual(silent, [])

    def test_no_name_is_known_twice_with_different_meaning(self):
        """A lock is no plain function, an atomic operation no lock, a class that holds a lock no value of another kind."""
        rows = {}
        for table in tables().values():
            for section in ("functions", "records", "objects", "locks", "atomics"):
                for name, entry in table.get(section, {}).items():
                    rows.setdefault(name, {})[section] = entry
        for name, found in rows.items():
            with self.subTest(name=name):
                traits = set(found.get("functions", {}).get("traits", []))
                self.assertFalse("locks" in found and "atomics" in found)
                self.assertFalse("records" in found and "functions" in found)
                self.assertFalse("objects" in found and len(found) > 1)
                if "locks" in found and traits:
                    does = found["locks"]["does"]
                    says = {"lock-acquire": "acquire", "lock-acquire-shared": "acquire", "lock-release": "release",
                            "once": "once"}
                    self.assertLessEqual({says[trait] for trait in traits & says.keys()}, {does})
                if "locks" in found and "records" in found:
                    self.assertEqual(found["locks"]["does"], "hold")
                    self.assertNotIn("is", found["records"])


if __name__ == "__main__":
    unittest.main()
