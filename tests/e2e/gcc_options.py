"""Commands with options that change what is read, and how the program reads them next to the compiler's own -E."""

import concurrent.futures
import json
import os
import re
import subprocess

import support

EFFECTS = {
    "keep": "obeyed", "language": "obeyed: the language", "standard": "obeyed: the last one that Clang knows for the language",
    "prefix": "obeyed: GCC searches `include/` below it; its programs are not run", "pass": "obeyed: its word is read as the preprocessor's own",
    "sanitize": "obeyed as GCC's macros for it; named where the compiler is Clang, whose code asks `__has_feature`",
    "unread": "named: the unit is not complete", "refuse": "refused and noted: loads code, runs programs or writes; not followed",
    "preprocess": "the command compiles nothing", "drop": "no effect on what is read",
}
WORDS = ("obeyed", "no effect", "named", "named too", "DROPPED", "refused by the compiler")
HEADERS = {  # by path; all define a macro that says that they were read
    "inc/a.h": "", "inc2/a.h": "", "inc3/a.h": "", "sys/usr/include/s.h": "", "prefix/include/p.h": "", "pre-with/w.h": "",
    "forced.h": "", "macros.h": "#define FROM_MACROS 5\n", "inc/forced_there.h": "", "inc/both.h": "", "inc2/both.h": "#include_next <both.h>\n",
    "inc3/both.h": "", "with space/a.h": "",
}
SOURCE = '#if __has_include("a.h")\n#include "a.h"\n#endif\n' + "".join(
    f"#if __has_include(<{name}.h>)\n#include <{name}.h>\n#endif\n" for name in ("a", "both", "s", "p", "w"))
RESPONSES = {"one.rsp": "-DONE=1 -Iinc", "quoted.rsp": "-D'ONE=1' \"-Iwith space\"\n-U ONE -include forced.h",
             "nested.rsp": "@one.rsp -D TWO=2", "escaped.rsp": "-Iwith\\ space -DONE=1"}
# Clang lacks these, has them always, or has others (names of processors, what one extension implies); C23 has its final number there. Of other reserved names only some have the same value.
CLANG_DIFFERS = re.compile(r"__STDC_UTF_(16|32)__|__tune_.*|__code_model_.*|__.*(FLT|DBL|BFLT16).*__|__cpp_.*|__STDC_IEC_.*|__GCC_.*|__GNUC.*|__GXX_.*|"
                           r"__U?INT.*_(C|WIDTH__)|__AVX512(DQ|VP2INTERSECT)__|__SGX__|__(ASSOCIATIVE|RECIPROCAL)_MATH__|__NO_(SIGNED_ZEROS|TRAPPING_MATH)__|"
                           r"__(?!linux|unix|pi[ce]_|x86|i386|amd64|gnu)[a-z0-9_]+|__FP_FAST_.*|__3dNOW.*|__ABM__|__DEC.*|__REGISTER_PREFIX__|__SIZEOF_FLOAT.*|__SSE2?_MATH__")
SAME_VALUE = re.compile(r"[^_].*|_[^_].*|__STDC_VERSION__|__cplusplus|READ_.*")
SPECS = "*cc1:\n+ -DONE=from_specs\n\n"


def spellings():
    """Each spelling of each option that names macros, headers or folders."""
    both = [[option, value] for option, value in (
        ("-D", "ONE"), ("-D", "ONE=1"), ("-D", "ONE="), ("-D", "F(x)=x"), ("-U", "ONE"), ("-U", "__linux__"), ("-I", "inc"), ("-I", "inc2"),
        ("-I", "with space"), ("-isystem", "inc"), ("-iquote", "inc2"), ("-idirafter", "inc3"), ("-include", "forced.h"),
        ("-include", "forced_there.h"), ("-imacros", "macros.h"), ("-B", "prefix"), ("-B", "prefix/"), ("-isysroot", "sys"),
        ("-A", "one=two"), ("-I", "=inc"), ("-isystem", "=/inc"))]
    commands = both + [[option + value] for option, value in both]
    for option, value in (("--define-macro", "ONE=1"), ("--undefine-macro", "__linux__"), ("--include-directory", "inc"),
                          ("--include-directory-after", "inc2"), ("--include", "forced.h"), ("--imacros", "macros.h"), ("--sysroot", "sys"),
                          ("--assert", "one=two"), ("--prefix", "prefix"), ("--language", "c"), ("--std", "c11"), ("--optimize", "2"),
                          ("--specs", "own.specs"), ("-specs", "own.specs"), ("-std", "c99")):
        commands += [[option, value], [f"{option}={value}"]]
    for end in ("", "-before", "-after"):
        commands += [[f"--include-prefix=pre-", f"--include-with-prefix{end}=with"], ["--include-prefix", "pre-", f"--include-with-prefix{end}", "with"]]
    commands += [["-iprefix", "pre-", "-iwithprefix", "with"], ["-iprefixpre-", "-iwithprefixwith"], ["-iwithprefix", "with"],
                 ["-iprefix", "pre-", "-iwithprefixbefore", "with"], ["-iwithprefixbefore", "../../../../../../inc"],
                 ["-imultilib", "32"], ["-imultiarch", "x"]]
    for words in (["-DONE=1"], ["-D", "ONE=1"], ["-UONE"], ["-Iinc"], ["-I", "inc"], ["-isystem", "inc"], ["-isysteminc"],
                  ["-iquote", "inc2"], ["-idirafter", "inc3"], ["-include", "forced.h"], ["-imacros", "macros.h"], ["-undef"], ["-nostdinc"],
                  ["-MD", "x.d"], ["-MMD", "x.d"], ["-MD", "x.d", "-MT", "x"], ["-DONE=1", "-MD", "x.d", "-DTWO=2"], ["-std=c99"],
                  ["-fno-exceptions"], ["-iprefix", "pre-", "-iwithprefix", "with"], ["-v"], ["-w"]):
        commands += [["-Wp," + ",".join(words)], [part for word in words for part in ("-Xpreprocessor", word)]]
    commands += [["-Wp,-DONE=1", "-DONE=2"], ["-DONE=2", "-Wp,-UONE"], ["-Wp,-Iinc", "-Iinc2"], ["-Xpreprocessor", "-D", "-Wp,ONE=1"],
                 ["-DONE=1", "-UONE"], ["-UONE", "-DONE=1"], ["-DONE=1", "-UONE", "-DONE=1"], ["-DONE=1", "-DONE=2"],
                 ["-Iinc", "-Iinc2", "-Iinc"], ["-Iinc2", "-isystem", "inc", "-idirafter", "inc2"], ["-isystem", "inc", "-Iinc"],
                 ["-imacros", "macros.h", "-include", "forced.h", "-DFROM_MACROS=6"], ["-nostdinc"], ["-undef"], ["-undef", "-DONE"],
                 ["--no-standard-includes"], ["-ansi"], ["--ansi"], ["-trigraphs"], ["--trigraphs"], ["-pthread"],
                 ["-xc++"], ["-x", "c++"], ["--language=c++"], ["--language", "c++"], ["-xnone"], ["-nostdinc++"], ["-no-integrated-cpp"],
                 ["-finput-charset=latin1"], ["-finput-charset=UTF-8"], ["-fexec-charset=latin1"], ["-fpreprocessed"], ["-remap"],
                 ["-fdirectives-only"], ["-fsanitize=address"], ["-fsanitize=thread"], ["-fsanitize=undefined"], ["-fopenacc"], ["-fopenmp"],
                 ["-fPIC"], ["-fpic"], ["-fPIE"], ["-fno-pie"], ["-fcf-protection"], ["-fstack-protector-all"], ["-fstack-protector-strong"],
                 ["-O2"], ["-Os"], ["-Og"], ["-O9"], ["-O0"], ["-O2", "-fno-inline"], ["-mfpmath=387"], ["-m32"], ["-mavx2"], ["-march=haswell"],
                 ["-funsigned-char"], ["-std=c89"], ["-std=gnu2x"], ["-c"], ["-g3"], ["-Wall"], ["-MMD", "-MF", "x.d"], ["-Wl,-z,now"],
                 ["-L", "inc"], ["-dumpdir", "x"], ["--param", "ggc-min-expand=1"], ["-aux-info", "x.aux"], ["-save-temps"], ["-fplugin-arg-x-y"]]
    return commands + [["@" + name] for name in RESPONSES]


def table():
    """What becomes of each option, in Markdown: the rows of tool/source/options.cc."""
    text = (support.PROJECT / "tool/source/options.cc").read_text()
    rows = re.findall(r'^    \{"(-[^"]*)", (\w+), (\w+)(?:, "([^"]*)")?\},', text, re.MULTILINE)
    lines = []
    for effect, says in EFFECTS.items():
        names = sorted({f"`{name}`" + (f" (as `{other}`)" if other else "") for name, _, what, other in rows if what == effect})
        lines.append(f"| {says} | {', '.join(names)} |\n")
    return "| what becomes of it | options |\n|---|---|\n" + "".join(lines)


def lay_out(root):
    for name, text in HEADERS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#define READ_{re.sub(r'[^a-z0-9]', '_', name)} 1\n{text}")
    for name, text in RESPONSES.items():
        (root / name).write_text(text)
    (root / "own.specs").write_text(SPECS)


class Command:
    """One command and its own source, which asks for the macros that the command changes."""

    def __init__(self, root, number, words, compiler):
        self.root, self.words, self.compiler = root, words, compiler
        self.name = f"u{number}"
        self.path = root / f"{self.name}.c"
        self.path.write_text(SOURCE)

    def run(self, words, *more):
        return subprocess.run([self.compiler, *words, *more, self.path.name], cwd=self.root, capture_output=True, text=True, errors="replace",
                              stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"}, check=False)

    def macros(self, words):
        done = self.run(words, "-E", "-dM", "-o-")
        if done.returncode:
            return None
        return dict(re.match(r"#define (\w+(?:\([^)]*\))?) ?(.*)", line).groups() for line in done.stdout.splitlines() if line.startswith("#define"))

    def prepare(self, base):
        """The macros that the command changes, as questions at the source's end. False where the compiler refuses it."""
        macros = self.macros(self.words)
        if macros is None:
            return False
        changed = {name for name in {**base, **macros} if base.get(name) != macros.get(name) and not CLANG_DIFFERS.fullmatch(name.split("(")[0])}
        headers = {f"READ_{re.sub(r'[^a-z0-9]', '_', name)}" for name in HEADERS}
        text = SOURCE + f"int {self.name}_read;\n"
        for name in sorted({re.sub(r"\(.*", "", name) for name in changed} | headers):
            text += f"#ifdef {name}\nint {self.name}__{name};\n#endif\n"
            value = macros.get(name, base.get(name, ""))
            if re.fullmatch(r"-?\d+[uUlL]*", value) and SAME_VALUE.fullmatch(name) and name != "_OPENMP" and value != "202000L":
                text += f"#if {name} == {value}\nint {self.name}__{name}__same;\n#endif\n"
        self.path.write_text(text)
        self.expected = self.left(self.words)
        return self.expected is not None

    def left(self, words):
        """What `-E` leaves of the questions."""
        done = self.run(words, "-E", "-P", "-o-")
        return None if done.returncode else set(re.findall(rf"int ({self.name}_\w+);", done.stdout))


def entry(command):
    return {"directory": str(command.root), "file": command.path.name,
            "arguments": [command.compiler, "-c", *command.words, command.path.name]}


def compare(root, commands, compiler="gcc", *options):
    """[(command, one of WORDS, what differs)]"""
    root.mkdir(parents=True, exist_ok=True)
    lay_out(root)
    base = Command(root, "base", [], compiler).macros([])
    (root / "ubase.c").unlink()
    all_ = [Command(root, number, words, compiler) for number, words in enumerate(commands)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        taken = list(pool.map(lambda each: each.prepare(base), all_))
    (root / "compile_commands.json").write_text(json.dumps([entry(each) for each, good in zip(all_, taken) if good]))
    done = support.run("scan", root, "--format", "json", "--no-cache", "--no-settings", "--world", "build", *options, cwd=root)
    report = json.loads(done.stdout)
    status = {unit["file"]: unit["status"] for unit in report["units"]}
    read = {}
    for entry_ in report["objects"]:
        read.setdefault(entry_["name"].split("_")[0], set()).add(entry_["name"])
    return [judge(each, good, status, read.get(each.name, set())) for each, good in zip(all_, taken)]


def judge(command, taken, status, read):
    if not taken:
        return command.words, "refused by the compiler", ""
    complete = status.get(command.path.name) == "complete"
    if read == command.expected:
        same = "no effect" if command.expected == command.left([]) else "obeyed"
        return command.words, same if complete else "named too", ""
    differ = ", ".join(sorted(name.split("__", 1)[-1] for name in read ^ command.expected))
    return command.words, "DROPPED" if complete else "named", differ
