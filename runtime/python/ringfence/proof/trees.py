"""Copies of a project, and the migration of one of them."""
import difflib
import hashlib
import json
import os
import shutil

from ringfence.proof import measure

LEFT_OUT = {".git", ".hg", ".tox", ".nox", ".venv", "venv", "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache"}
COMPILED = {".so", ".o", ".pyd", ".dylib"}
RUNTIME_FILES = {"ringfence.h", "ringfence.c"}  # of the runtime library: no change of the project's


def copy(tree, to):
    """Copies the project without links that lead out of it, which it names. What was compiled stays behind."""
    links = []

    def ignored(folder, names):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) and not inside(path, tree):
                links.append(os.path.relpath(path, tree))
        return {name for name in names if name in LEFT_OUT or os.path.splitext(name)[1] in COMPILED or
                os.path.relpath(os.path.join(folder, name), tree) in links or (name == "build" and os.path.samefile(folder, tree))}

    shutil.copytree(tree, to, symlinks=True, ignore=ignored)
    return links


def inside(link, tree):
    target = os.readlink(link)
    return not os.path.isabs(target) and os.path.realpath(link).startswith(os.path.realpath(tree) + os.sep)


def remove_compiled(tree):
    shutil.rmtree(tree / "build", ignore_errors=True)
    for path in tree.rglob("*"):
        if path.suffix in COMPILED and path.is_file():
            path.unlink()


def contents(tree):
    """The bytes of each file that a migration may change, by its path below the tree."""
    wanted = {".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh", ".inc", ".def", ".py", ".toml", ".build", ".txt", ".in"}
    return {path.relative_to(tree).as_posix(): path.read_bytes() for path in sorted(tree.rglob("*"))
            if path.suffix in wanted and path.is_file() and not path.is_symlink()}


def diff(before, after):
    """The unified diff of two results of contents(), without the runtime library's files."""
    lines = []
    for path in sorted(set(before) | set(after)):
        if before.get(path) == after.get(path) or os.path.basename(path) in RUNTIME_FILES:
            continue
        old, new = (text.get(path, b"").decode(errors="replace").splitlines(keepends=True) for text in (before, after))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
            lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(lines)


def size(text):
    body = [line for line in text.splitlines() if not line.startswith(("+++", "---"))]
    return {"added": sum(line.startswith("+") for line in body), "removed": sum(line.startswith("-") for line in body)}


class Migration:
    """What the analyser does to a tree: `common` are its arguments for all commands."""

    def __init__(self, runner, analyser, tree, database):
        self.runner, self.tree = runner, tree
        self.program = analyser
        self.common = ["--no-cache", "-q", "--allow-incomplete", "--compile-commands", database]

    def capture(self, environment, build, output):
        """The build under `ringfence capture`: as Environment.run does it."""
        return environment.run([self.program, "capture", "-o", output, "--", "/bin/sh", "-c", build], **measure.build_flags())

    def migrate(self, to, more=()):
        """(the plan, "") or (None, what went wrong)."""
        done = self.runner.run([self.program, "migrate", "--to", to, ".", "--format", "json", *self.common, *more], self.tree)
        try:
            return json.loads(done.output[done.output.index("{"):done.output.rindex("}") + 1]), ""
        except ValueError:
            return None, f"ringfence migrate --to {to}: {done.output.strip()[-500:] or 'time limit'}"

    def scan(self, tree, database, output):
        """What the report says of each module under a GIL per interpreter."""
        self.runner.run([self.program, "scan", ".", "--format", "json", "--profile", "own-gil", "-o", output, *self.common[:-1],
                         database], tree)
        try:
            report = json.loads(output.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [verdict_of(module) for module in report["modules"]]


def verdict_of(module):
    """Of all worlds: whether it claims a GIL per interpreter, and whether that holds."""
    verified = [world["verified"].get("own-gil", {}) for world in module.get("worlds", [])]
    verdicts = {one.get("verdict") for one in verified if one} or {module["verified"].get("own-gil", {}).get("verdict")}
    told = sorted(map(str, verdicts - {"missing", "not-read"} or verdicts))
    claims = {world["claims"].get("multiple-interpreters") for world in [module, *module.get("worlds", [])]}
    against = sorted({one for world in verified + [module["verified"].get("own-gil", {})] for one in world.get("refuted_by", [])})
    return {"module": module["name"], "claims": "per-interpreter-gil" in claims, "verdict": "/".join(told), "against": against}


def digests(tree, paths):
    return {path: hashlib.sha256((tree / path).read_bytes()).hexdigest() for path in paths if (tree / path).is_file()}
