"""The HTML report in a real browser: what it shows, filters, links, keyboard, hostile names, 5,000 objects."""

import json
import pathlib
import tempfile
import unittest
from urllib.parse import quote

import support
from browser import Browser
from claims_test import CLAIMS, python_include

HOSTILE = '<img src=x onerror="window.hacked=1">'
HOSTILE_FOLDER = "a<"  # with the file's name below, "a</script><script>window.hacked=2<"
HOSTILE_FILE = "script><script>window.hacked=2<.c"

MODULE = """
typedef struct { long refs; } PyObject;
PyObject *make(void);
static PyObject *cache;  /* </script><script>window.hacked=3</script> %s */
static int counter;
const int answer = 42;
static int table[] = {1, 2};
PyObject *get(void) {
    counter++;
    if (!cache) cache = make();
    return cache;
}
int look(int i) { return table[i] + answer; }
""" % HOSTILE


def write_tree(root):
    """Three files, one of them with a name that is markup."""
    (root / "pkg").mkdir(parents=True)
    (root / HOSTILE_FOLDER).mkdir()
    (root / "pkg/module.c").write_text(MODULE)
    (root / "pkg/other.c").write_text("static int seen;\nint see(void) { return ++seen; }\n")
    (root / HOSTILE_FOLDER / HOSTILE_FILE).write_text("static int hits;\nint hit(void) { return ++hits; }\n")


def scan_to(page, root, *arguments):
    done = support.run("scan", root, "--format", "html", "-o", page, *arguments)
    if done.returncode != 0:
        raise AssertionError(f"scan ended with {done.returncode}\n{done.stderr}")
    return page


def entries_of(report):
    """What the page counts: objects, and the findings that are not an object's verdict over again."""
    objects = {each["fingerprint"] for each in report["objects"]}
    return report["objects"] + [each for each in report["findings"] if each["fingerprint"] not in objects]


class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.ringfence()
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.root = cls.folder / "tree"
        write_tree(cls.root)
        cls.report = support.scan(cls.root)
        cls.page = scan_to(cls.folder / "report.html", cls.root)

    def setUp(self):
        self.browser.console()
        self.browser.requests()

    def tearDown(self):
        self.assertEqual(self.browser.console(), [])

    def rows(self):
        return self.browser.texts("#table tbody tr td:first-child a")

    def names(self, passes):
        """The table's names for the report's objects that pass."""
        return sorted(each["name"] for each in self.report["objects"] if passes(each))

    def test_it_shows_the_report_and_asks_for_nothing(self):
        self.browser.open(self.page)
        self.assertEqual(self.browser.texts("#risk-rows th"), ["shared-gil", "own-gil", "free-threaded", "multi-init"])
        counted = [list(map(int, self.browser.texts(f"#risk-rows tr:nth-child({row}) td")[:4])) for row in (1, 2, 3, 4)]
        entries = self.report["objects"]
        for numbers, profile in zip(counted, self.report["profiles"]):
            self.assertEqual(numbers, [sum(each["risk"][profile] == risk for each in entries)
                                       for risk in ("high", "medium", "low", "none")])
        verdicts = dict(zip(self.browser.texts("#verdict-rows th"), self.browser.texts("#verdict-rows td:nth-child(2)")))
        self.assertEqual({name: int(count) for name, count in verdicts.items()},
                         self.report["accounting"]["objects_by_verdict"])
        self.assertIn("pkg/", self.browser.texts("#treemap a"))
        self.assertEqual([url for url in self.browser.requests() if url != "about:blank"], [self.page.as_uri()])

    def test_filters_leave_what_they_say(self):
        self.browser.open(self.page)
        self.browser.choose("#risk", "0")
        self.browser.choose("#what", "object")
        self.assertEqual(sorted(self.rows()), self.names(lambda each: True))
        self.browser.choose("#path", "pkg/other")
        self.assertEqual(self.rows(), ["seen"])
        self.browser.find("#reset").click()
        self.browser.choose("#risk", "0")
        self.browser.choose("#q", "PyObject")
        self.assertIn("cache", self.rows())
        self.assertNotIn("counter", self.rows())
        self.browser.find("#reset").click()
        self.browser.choose("#what", "object")
        for profile in self.report["profiles"]:
            self.browser.choose("#profile", profile)
            for value in range(4):
                self.browser.choose("#risk", str(value))
                risks = ("none", "low", "medium", "high")[value:]
                self.assertEqual(sorted(self.rows()), self.names(lambda each: each["risk"][profile] in risks))

    def test_what_the_source_allows_is_hidden_until_asked_for(self):
        root = self.folder / "allowed"
        write_tree(root)
        (root / "pkg/other.c").write_text("static int seen; /* ringfence: allow RF111 a counter of the tests */\n"
                                          "int see(void) { return ++seen; }\n")
        self.browser.open(scan_to(self.folder / "allowed.html", root))
        self.assertNotIn("seen", self.rows())
        self.browser.choose("#allowed", "yes")
        self.assertIn("seen", self.rows())
        next(each for each in self.browser.find_all("#table tbody a") if each.text == "seen").click()
        self.assertIn("a counter of the tests", self.browser.find("#detail ol").text)

    def test_a_count_leads_to_what_it_counts(self):
        self.browser.open(self.page, "#q=nothing")
        self.browser.find("#risk-rows tr:nth-child(3) a").click()
        self.assertEqual(self.browser.focused(), "Objects and findings")
        self.assertEqual(self.browser.find("#profile").get_attribute("value"), "free-threaded")
        count = self.browser.find("#risk-rows tr:nth-child(3) a").text
        self.assertEqual(len(self.rows()), int(count))

    def test_a_link_opens_its_row(self):
        for name in ("pkg/module.c:cache", "pkg/module.c:answer", f"{HOSTILE_FOLDER}/{HOSTILE_FILE}:hits"):
            self.browser.open(self.page, "#show=" + quote(name))
            self.assertEqual(self.browser.find("#detail-title").text, name.rpartition(":")[2])
            self.assertEqual(self.browser.find("#detail .key").text, name)
            self.assertEqual(self.browser.texts("#table tr.open td:first-child a"), [name.rpartition(":")[2]])
        self.browser.open(self.page, "#show=gone.c:x")
        self.assertEqual(self.browser.find("#detail-title").text, "Not in this report")

    def test_an_opened_row_has_an_address_and_back_closes_it(self):
        self.browser.open(self.page)
        link = next(each for each in self.browser.find_all("#table tbody a") if each.text == "cache")
        link.click()
        self.assertEqual(self.browser.find("#detail-title").text, "cache")
        self.assertIn("#show=pkg%2Fmodule.c%3Acache", self.browser.driver.current_url)
        self.browser.driver.back()
        self.assertFalse(self.browser.find("#detail").is_displayed())

    def test_an_object_shows_its_source_and_its_writes(self):
        self.browser.open(self.page, "#show=pkg/module.c:cache")
        marked = self.browser.texts("#detail .marked")
        self.assertIn("static PyObject *cache;", marked[0])
        self.assertTrue(any("cache = make();" in line for line in marked[1:]), marked)
        self.assertIn("Writes (1)", self.browser.texts("#detail h3"))
        facts = dict(zip(self.browser.texts("#detail dt"), self.browser.texts("#detail dd")))
        self.assertEqual((facts["Found"], facts["Type"], facts["Written"]), ("object-cache", "PyObject *", "lazy"))
        self.assertIn("pkg/module.c:10 in get()", self.browser.find("#detail ol").text)

    def test_hostile_names_are_text(self):
        self.browser.open(self.page, "#risk=0")
        self.assertIn(f"{HOSTILE_FOLDER}/{HOSTILE_FILE}:1", self.browser.texts("#table tbody td:nth-child(2)"))
        self.assertIn(HOSTILE_FILE, self.browser.texts("#treemap a"))
        self.browser.open(self.page, "#show=pkg/module.c:cache")
        self.assertIn(HOSTILE, self.browser.find("#detail .marked").text)
        self.assertIsNone(self.browser.run("return window.hacked"))
        self.assertEqual(self.browser.run("return document.scripts.length"), 3)
        self.assertEqual(self.browser.find_all("img"), [])

    def test_the_policy_stops_what_escaping_would_miss(self):
        self.browser.open(self.page)
        self.browser.run("const script = document.createElement('script'); script.textContent = 'window.hacked = 4';"
                         "document.body.append(script)")
        self.assertIsNone(self.browser.run("return window.hacked"))
        self.assertTrue(any("Content Security Policy" in line for line in self.browser.console()))

    def test_the_table_works_by_keyboard(self):
        self.browser.open(self.page, "#risk=0")
        names = self.rows()
        self.browser.find("#table tbody a").send_keys("")
        self.browser.press("ARROW_DOWN", "ARROW_DOWN")
        self.assertEqual(self.browser.focused(), names[2])
        self.browser.press("ENTER")
        self.assertEqual(self.browser.focused(), self.browser.find("#detail-title").text)
        self.browser.press("ESCAPE")
        self.assertEqual(self.browser.focused(), names[2])
        self.assertEqual(self.rows(), names)
        self.browser.press("END")
        self.assertEqual(self.browser.focused(), names[-1])
        header = self.browser.find("#table thead th")
        header.send_keys("")
        self.browser.press("ENTER")
        self.assertEqual(self.browser.find("#table thead th").get_attribute("aria-sort"), "ascending")
        self.assertNotEqual(self.rows(), names)
        self.assertEqual(self.rows(), sorted(names))

    def test_the_treemap_works_by_keyboard(self):
        self.browser.open(self.page)
        areas = self.browser.find_all("#treemap a")
        self.assertEqual([each.get_attribute("tabindex") for each in areas], ["0"] + ["-1"] * (len(areas) - 1))
        areas[0].send_keys("")
        while "pkg/other.c" not in self.browser.run("return document.activeElement.getAttribute('aria-label')"):
            before = self.browser.run("return document.activeElement.title")
            self.browser.press("ARROW_RIGHT")
            self.assertNotEqual(self.browser.run("return document.activeElement.title"), before)
        self.browser.press("ENTER")
        self.assertEqual(self.browser.find("#path").get_attribute("value"), "pkg/other.c")
        self.assertIn("seen", self.rows())
        self.assertNotIn("cache", self.rows())

    def test_everything_to_act_on_has_a_name(self):
        self.browser.open(self.page, "#show=pkg/module.c:cache&path=pkg")
        roles = ("link", "button", "combobox", "searchbox", "textbox", "columnheader", "heading")
        nodes = [(role, name) for role, name in self.browser.accessibility() if role in roles]
        self.assertEqual({role for role, _ in nodes}, set(roles))
        self.assertEqual([role for role, name in nodes if not name.strip()], [])

    def test_text_can_be_read_in_light_and_dark(self):
        self.browser.open(self.page, "#show=pkg/module.c:cache&risk=0")
        self.addCleanup(self.browser.colours, "light")
        backgrounds = set()
        for scheme in ("light", "dark"):
            self.browser.colours(scheme)
            backgrounds.add(self.browser.run("return getComputedStyle(document.body).backgroundColor"))
            for selector in ("p", "a", "th", "td", ".risk", ".area", ".number", ".marked", "select", "#notes"):
                for ratio, text in self.browser.run(CONTRASTS, selector):
                    self.assertGreaterEqual(ratio, 4.5, f"{scheme}: {selector}: {text}")
        self.assertEqual(len(backgrounds), 2)

    def test_history_becomes_a_burn_down(self):
        self.browser.open(self.page)
        self.assertFalse(self.browser.find("#burndown").is_displayed())
        earlier = []
        for name, objects in (("may.json", 3), ("june.json", 2)):
            root = self.folder / name.replace(".json", "")
            write_tree(root)
            for i in range(objects):
                (root / f"pkg/more{i}.c").write_text("typedef struct { long refs; } PyObject;\nPyObject *make(void);\n"
                                                     "static PyObject *kept;\nvoid keep(void) { kept = make(); }\n")
            earlier.append(self.folder / name)
            report = support.scan(root)
            del report["digest"]
            earlier[-1].write_text(json.dumps(report))
        page = scan_to(self.folder / "history.html", self.root, "--history", *earlier)
        self.browser.open(page)
        self.assertEqual(self.browser.texts("#burndown-rows th"), [*map(str, earlier), "this scan"])
        high = list(map(int, self.browser.texts("#burndown-rows td:nth-child(2)")))
        reports = [*(json.loads(each.read_text()) for each in earlier), self.report]
        self.assertEqual(high, [sum(entry["risk"]["own-gil"] == "high" for entry in entries_of(each)) for each in reports])
        self.assertGreater(high[0], high[1])
        self.assertGreater(high[1], high[2])
        self.assertEqual(len(self.browser.find_all("#burndown-chart path.high")), 1)

    def test_a_history_that_is_no_report_is_an_error(self):
        broken = self.folder / "broken.json"
        broken.write_text("{}")
        for file, word in ((broken, "not of the version"), (self.root, "--history")):
            done = support.run("scan", self.root, "--format", "html", "--history", file)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)
            self.assertEqual(done.stdout, "")
        done = support.run("scan", self.root, "--history", self.folder / "broken.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--format html", done.stderr)

    def test_no_source_is_shown_through_a_link_that_leaves_the_tree(self):
        root = self.folder / "links"
        root.mkdir()
        text = "static int taken;  /* password-3141 */\n"
        (self.folder / "secret.h").write_text(text)
        (root / "link.h").symlink_to(self.folder / "secret.h")
        (root / "a.c").write_text('#include "link.h"\nint take(void) { return ++taken; }\n')
        page = scan_to(self.folder / "links.html", root)
        self.assertIn("taken", page.read_text())
        self.assertNotIn("password-3141", page.read_text())
        (root / "link.h").unlink()
        (root / "link.h").write_text(text)
        self.assertIn("password-3141", scan_to(page, root).read_text())

    def test_five_thousand_objects_open_and_filter(self):
        root = self.folder / "large"
        for folder in range(10):
            (root / f"part{folder}").mkdir(parents=True)
            for file in range(10):
                text = "".join(f"static int number_{i};\nint next_{i}(void) {{ return ++number_{i}; }}\n" for i in range(50))
                (root / f"part{folder}/file{file}.c").write_text(text.replace("next_", f"next_{folder}_{file}_"))
        page = scan_to(self.folder / "large.html", root)
        milliseconds = self.browser.open(page)
        self.assertIn("5000 objects", self.browser.find("#summary").text)
        print(f"5,000 objects: {page.stat().st_size / 1e6:.1f} MB, ready after {milliseconds} ms ... ", end="")
        took = self.browser.run("const start = performance.now(); const q = document.getElementById('q');"
                                "q.value = 'number_49'; q.dispatchEvent(new Event('input'));"
                                "return performance.now() - start")
        print(f"filtered in {took:.0f} ms ... ", end="")
        self.assertEqual(set(self.rows()), {"number_49"})


FAST = """
#include <claims.h>
static PyObject *cache;
static PyObject *get(PyObject *self, PyObject *unused) {
    if (cache == NULL)
        cache = PyDict_New();
    return Py_XNewRef(cache);
}
static PyMethodDef methods[] = {{"get", get, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "_fast", NULL, 0, methods, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__fast(void) { return PyModuleDef_Init(&def); }
"""
FINE = """
#include <claims.h>
static PyModuleDef_Slot slots[] = {{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
                                   {Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, NULL}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "_fine", NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit__fine(void) { return PyModuleDef_Init(&def); }
"""


class QuestionTest(unittest.TestCase):
    """A project with a false claim, a module that is all right, and a file that no unit reads."""

    @classmethod
    def setUpClass(cls):
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        root = pathlib.Path(folder.name) / "spam"
        units = []
        includes = [f"-isystem{each}" for each in (CLAIMS / "include", python_include())]
        for name, text in (("pkg/fast.c", FAST), ("other/fine.c", FINE), ("rest/unread.c", "static int unread;\n")):
            (root / name).parent.mkdir(parents=True)
            (root / name).write_text(text)
            if "unread" not in name:
                units.append({"directory": str(root), "file": name, "arguments":
                              ["cc", *includes, "-c", name]})
        (root / "compile_commands.json").write_text(json.dumps(units))
        cls.page = pathlib.Path(folder.name) / "spam.html"
        done = support.run("scan", root, "--world", "build", "--format", "html", "--allow-incomplete", "-o", cls.page)
        if done.returncode != 0:
            raise AssertionError(done.stderr)

    def setUp(self):
        self.browser.width(1400)
        self.browser.open(self.page)

    def test_the_question_and_its_answer_come_first(self):
        self.assertEqual(self.browser.find("h1").text, "Is spam safe in many interpreters and without the GIL?")
        self.assertIn("spam", self.browser.run("return document.title"))
        self.assertRegex(self.browser.find("#answer").text, r"^Not safe: 1 of 2 modules load where they break, under .*own-gil \(1\).*: _fast\.$")
        self.assertIn("RF305", self.browser.find("#first-list li").text)
        self.assertIn("problems of risk medium or higher", self.browser.find("#first-count").text)
        self.assertLess(self.browser.top("#first-list li"), self.browser.top("#module-table"))
        self.assertLess(self.browser.top("#module-table"), self.browser.top("#table"))
        self.assertLess(self.browser.top("#table"), self.browser.top("#treemap"))

    def test_modules_that_are_all_right_are_put_away_until_asked_for(self):
        names = "#module-table tbody td:first-child b"
        self.assertEqual(self.browser.texts(names), ["_fast"])
        self.assertEqual(self.browser.texts("#module-table .tag"), ["own GIL"])
        self.assertIn("1 module is ok in every world", self.browser.find("#module-fine").text)
        self.browser.find("#module-fine button").click()
        self.assertEqual(self.browser.texts(names), ["_fast", "_fine"])
        self.browser.choose("#module-q", "fine.c")
        self.assertEqual(self.browser.texts(names), ["_fine"])
        self.browser.choose("#module-q", "")
        self.browser.choose("#module-word", "unsafe")
        self.assertEqual(self.browser.texts(names), ["_fast"])
        self.browser.choose("#module-word", "")
        self.browser.find("#module-table thead th").click()
        self.assertEqual(self.browser.texts(names), ["_fast", "_fine"])
        self.browser.find("#module-table thead th").click()
        self.assertEqual(self.browser.texts(names), ["_fine", "_fast"])

    def test_a_file_that_was_not_read_looks_unread(self):
        unread = [each.get_attribute("aria-label") for each in self.browser.find_all("#treemap .unread")]
        self.assertEqual(unread, ["rest/unread.c: not read"])
        self.assertTrue(self.browser.find("#legend-unread").is_displayed())
        self.browser.find("#unread a").click()
        self.assertEqual(self.browser.focused(), "Not analysed")
        self.assertIn("rest/unread.c", self.browser.find("#incomplete-rows").text)

    def test_words_are_explained_under_the_pointer_and_by_keyboard(self):
        self.assertFalse(self.browser.find("#tip").is_displayed())
        self.browser.run("document.querySelector('#module-words .term[data-term=unsafe]').focus()")
        self.assertEqual(self.browser.find("#tip").text, "loads there, and breaks")
        self.browser.press("ESCAPE")
        self.assertFalse(self.browser.find("#tip").is_displayed())
        self.browser.hover("#module-table .word.unsafe")
        self.assertEqual(self.browser.find("#tip").text, "loads there, and breaks")

    def test_a_rule_has_its_reasons_and_links_on_the_page(self):
        self.browser.find("#first-list [data-rule=RF305]").click()
        rule = self.browser.find("#rule-RF305")
        self.assertTrue(rule.get_attribute("open"))
        self.assertIn("https://peps.python.org/pep-0684/", rule.text)
        self.browser.open(self.page, "#rule-RF305")
        self.assertTrue(self.browser.find("#rule-RF305").get_attribute("open"))

    def test_on_a_phone_rows_are_cards_and_nothing_is_cut(self):
        self.addCleanup(self.browser.width, 1400)
        self.browser.width(390)
        self.browser.open(self.page, "#risk=0")
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 390)
        self.assertEqual(self.browser.run("return getComputedStyle(document.querySelector('#table tbody td')).display"), "block")
        self.assertIn("own-gil", self.browser.run(
            "return [...document.querySelectorAll('#module-table td')].map(each => each.dataset.label)"))
        wide = self.browser.run("return [...document.querySelectorAll('td, p, li, h1, h2, h3')].filter(each =>"
                                "each.checkVisibility() && each.getBoundingClientRect().right > 390).map(each => each.textContent)")
        self.assertEqual(wide, [])


# The contrast (WCAG 2.1, 1.4.3) of each element's text with the background behind it, and the text.
CONTRASTS = """
const parse = colour => colour.match(/[\\d.]+/g).map(Number);
const behind = element => {
  for (; element; element = element.parentElement) {
    const colour = parse(getComputedStyle(element).backgroundColor);
    if (colour.length === 3 || colour[3] > 0) return colour;
  }
  return [255, 255, 255];
};
const luminance = ([r, g, b]) => {
  const linear = [r, g, b].map(c => c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
};
return [...document.querySelectorAll(arguments[0])].filter(each => each.textContent.trim() && each.checkVisibility())
  .map(each => {
    const [light, dark] = [parse(getComputedStyle(each).color), behind(each)].map(luminance).sort((a, b) => b - a);
    return [(light + 0.05) / (dark + 0.05), each.textContent.slice(0, 40)];
  });
"""


if __name__ == "__main__":
    unittest.main()
