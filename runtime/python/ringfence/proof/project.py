"""How a project is built and tested: what the user says, else what its files say."""
import re

try:
    import tomllib
except ImportError:  # before 3.11
    try:
        from pip._vendor import tomli as tomllib
    except ImportError:
        tomllib = None

# Extras that a project lacks are a warning of pip.
BUILD = "python -m pip install -v -e .[test,tests,testing]"
SOURCE_BUILD = "python setup.py build_ext --inplace --force"  # for those who ask for it
TESTS = "python -m pytest -q"
GROUPS = ("test", "tests", "testing")


class Project:
    """Commands for the shell, run in the project's folder, and what pip installs before them."""

    def __init__(self, tree, build=None, test=None, requires=()):
        self.tree, self.settings = tree, read_settings(tree)
        self.build, self.build_of = (build, "--build") if build else (BUILD, "pip, with pyproject.toml or setup.py")
        self.own_build = bool(build)
        self.requires = [*requires]
        self.test, self.test_of = (test, "--test") if test else self.find_tests()
        if self.test and "pytest" in self.test and not any(word.startswith("pytest") for word in self.requires):
            self.requires.append("pytest")

    def find_tests(self):
        wheels = self.settings.get("tool", {}).get("cibuildwheel", {})
        if wheels.get("test-command"):
            self.requires += words_of(wheels.get("test-requires", []))
            commands = wheels["test-command"]
            line = commands if isinstance(commands, str) else " && ".join(commands)
            return line.replace("{project}", ".").replace("{package}", "."), "tool.cibuildwheel of pyproject.toml"
        for name in GROUPS:
            self.requires += [word for word in self.settings.get("dependency-groups", {}).get(name, []) if isinstance(word, str)]
        suite = re.search(r"\btest_suite\s*=\s*[\"']([\w.]+)[\"']", text_of(self.tree / "setup.py"))
        if suite:
            return f"python -m unittest {suite[1]}", "test_suite of setup.py"
        if "pytest" in self.settings.get("tool", {}) or any(self.tree.glob("test*")) or any(self.tree.glob("*/test*")):
            return TESTS, "pytest, as there are tests"
        return None, "nothing says how it is tested: --test COMMAND"


def words_of(value):
    return value.split() if isinstance(value, str) else list(value)


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def read_settings(tree):
    try:
        return tomllib.loads(text_of(tree / "pyproject.toml")) if tomllib else {}
    except ValueError:
        return {}
