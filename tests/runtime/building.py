"""Compiles the Python side of the runtime library and test extensions for one Python, with plain compiler calls."""
import glob
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RUNTIME = os.path.join(ROOT, "runtime")
QUERY = "import sysconfig; print(sysconfig.get_path('include'), sysconfig.get_config_var('EXT_SUFFIX'), sep='\\n')"


def version(python):
    """Of that Python: (3, 11)."""
    found = subprocess.run([python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=True)
    return tuple(map(int, found.stdout.split()))


def free_threaded(python):
    code = "import sys, sysconfig; sys.exit(not sysconfig.get_config_var('Py_GIL_DISABLED'))"
    return subprocess.run([python, "-c", code]).returncode == 0


def extension(python, name, sources, folder, flags=(), compiler=None):
    """The shared object of module `name` (dotted), in `folder`."""
    include, suffix = subprocess.check_output([python, "-c", QUERY], text=True).splitlines()
    file = os.path.join(folder, *name.split(".")) + suffix
    os.makedirs(os.path.dirname(file), exist_ok=True)
    hidden = [] if compiler else ["-fvisibility=hidden"]
    subprocess.run([*(compiler or [os.environ.get("CC", "cc"), "-std=gnu11"]), "-shared", "-fPIC", "-g", "-O1", *hidden,
                    "-Wall", "-Wextra", "-Werror", "-Wl,--build-id", *flags, "-isystem", include,
                    f"-I{RUNTIME}/include", *sources, "-o", file, "-ldl"], check=True)
    return file


def runtime_package(python, folder, flags=()):
    """The package `ringfence`, importable from `folder`."""
    shutil.copytree(os.path.join(RUNTIME, "python", "ringfence"), os.path.join(folder, "ringfence"),
                    ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    sources = glob.glob(os.path.join(RUNTIME, "python", "src", "*.c")) + glob.glob(os.path.join(RUNTIME, "src", "*.c"))
    return extension(python, "ringfence._runtime", sorted(sources), folder, flags)


def failing_malloc(folder):
    """The library to preload for channels_memory.py."""
    file = os.path.join(folder, "failing_malloc.so")
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror",
                    os.path.join(ROOT, "tests", "runtime", "failing_malloc.c"), "-o", file, "-ldl"], check=True)
    return file


def without_memory(folder):
    """The variables with which channels_memory.py is run."""
    return {"LD_PRELOAD": failing_malloc(folder)}


def sanitized_package(python, folder, sanitizer):
    """As runtime_package, with GCC's address or thread sanitizer in its code alone; the variables with which it is run."""
    runtime_package(python, folder, [f"-fsanitize={sanitizer}", "-fno-omit-frame-pointer"])
    library = {"address": "libasan.so", "thread": "libtsan.so"}[sanitizer]
    library = subprocess.check_output([os.environ.get("CC", "cc"), f"-print-file-name={library}"], text=True).strip()
    suppressions = os.path.join(ROOT, "tests", "runtime", "tsan.supp")
    return {"LD_PRELOAD": library, "PYTHONPATH": folder, "ASAN_OPTIONS": "detect_leaks=0:handle_segv=0",
            "TSAN_OPTIONS": f"suppressions={suppressions} report_signal_unsafe=0"}


def tally(python, which, folder, flags=()):
    """The example extension: `which` is bad or repaired."""
    sources = [os.path.join(ROOT, "fixtures", "runtime", which, "tally.c")]
    if which == "repaired":
        sources.append(os.path.join(RUNTIME, "src", "ringfence.c"))
    return extension(python, "tally", sources, folder, flags)
