"""Compiles an embedding test program with the runtime library for one Python and runs it.

    embed.py --python EXE --build-dir DIR [--sanitize thread] [--dlopen] [--with SOURCE] [--copies N]
             [--std STANDARD] [--option=OPTION] SOURCE [ARGUMENT...]

--with adds a source file, --copies says how often the library is linked, as by extensions that each vendor it. --std is the
standard of the library, or of a test in C++, and --option another option for compiler and linker. With --dlopen the test is a
shared object that dlopen_host.c loads, and libpython with it.
What TSan would say of CPython itself is suppressed: 3.12's posix sorts tables in statics in two interpreters at once, and without a
GIL its locks are its own, which TSan does not see. The latter hides the locks of the C library in libpython, too, the GIL's among
them.

Exit code 77, for ctest's "skipped", where this Python has no shared library to link with."""
import argparse
import os
import subprocess
import sys

RUNTIME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "runtime")
QUERY = """
import sys, sysconfig
v = sysconfig.get_config_var
print(sysconfig.get_path("include"), v("LIBDIR"), "python" + v("LDVERSION"), v("Py_ENABLE_SHARED"), sys.base_prefix,
      v("LDLIBRARY"), sep="\\n")
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python", required=True)
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--sanitize", default="")
    parser.add_argument("--dlopen", action="store_true")
    parser.add_argument("--with", dest="more", action="append", default=[])
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--std", default="")
    parser.add_argument("--option", dest="options", action="append", default=[])
    parser.add_argument("source")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    include, libdir, library, shared, prefix, file = subprocess.check_output(
        [options.python, "-c", QUERY], text=True).splitlines()
    if shared != "1":
        print(f"skipped: {options.python} has no shared library")
        return 77
    name = os.path.splitext(os.path.basename(options.source))[0]
    cxx = options.source.endswith(".cc")
    sanitize = [f"-fsanitize={options.sanitize}"] if options.sanitize else []
    suffix = "dlopen" if options.dlopen else options.sanitize.replace(",", "-")
    folder = os.path.join(options.build_dir, "-".join(filter(None, [prefix.strip("/").replace("/", "_"), library, suffix])))
    os.makedirs(folder, exist_ok=True)
    common = ["-O2", "-g", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-pthread", *sanitize, "-isystem", include,
              f"-I{RUNTIME}/include", *(["-fPIC"] if options.dlopen else []), *options.options]
    cc = os.environ.get("CC", "cc")
    program = os.path.join(folder, name)
    standard = options.std or ("c++17" if cxx else "c11")
    compiler = [os.environ.get("CXX", "c++"), f"-std={standard}"] if cxx else [cc, f"-std={standard.replace('c', 'gnu', 1)}"]
    objects = []
    for compile, source in ([([cc, "-std=c11" if cxx else f"-std={standard}"], f"{RUNTIME}/src/ringfence.c")] * options.copies
                            + [(compiler, source) for source in [options.source, *options.more]]):
        objects.append(os.path.join(folder, f"{name}-{len(objects)}.o"))
        subprocess.run([*compile, *common, "-c", source, "-o", objects[-1]], check=True)
    subprocess.run([compiler[0], *sanitize, *(["-shared"] if options.dlopen else []), "-pthread", *options.options, *objects,
                    "-o", program, f"-L{libdir}", f"-Wl,-rpath,{libdir}", f"-l{library}"], check=True)
    command = [program]
    if options.dlopen:
        host = os.path.join(folder, "host")
        subprocess.run([cc, "-Wall", "-Wextra", "-Werror", os.path.join(os.path.dirname(__file__), "dlopen_host.c"), "-o", host,
                        "-ldl"], check=True)
        command = [host, program]
    environment = dict(os.environ, PYTHONHOME=prefix)
    if sanitize:
        free_threaded = library.endswith("t")
        with open(os.path.join(folder, "suppressions"), "w") as suppressions:
            suppressions.write(f"called_from_lib:{file}\n" if free_threaded else "race:setup_confname_table\n")
        environment.update(ASAN_OPTIONS="detect_leaks=0", TSAN_OPTIONS=f"suppressions={suppressions.name}")
        if not free_threaded:  # without a GIL Python takes no other allocator
            environment["PYTHONMALLOC"] = "malloc"
    return subprocess.run([*command, *options.arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
