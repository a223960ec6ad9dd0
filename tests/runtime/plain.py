"""Compiles a test of what needs no Python, the channels, and runs it.

    plain.py --build-dir DIR [--sanitize thread] [--alone] SOURCE [ARGUMENT...]

--alone: the source includes the library's files itself."""
import argparse
import glob
import os
import subprocess
import sys

RUNTIME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "runtime")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--sanitize", default="")
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("source")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    os.makedirs(options.build_dir, exist_ok=True)
    name = os.path.splitext(os.path.basename(options.source))[0]
    program = os.path.join(options.build_dir, "-".join(filter(None, [name, options.sanitize.replace(",", "-")])))
    sanitize = [f"-fsanitize={options.sanitize}"] if options.sanitize else []
    library = [] if options.alone else sorted(glob.glob(f"{RUNTIME}/src/channel*.c"))
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-g", "-O1", "-Wall", "-Wextra", "-Wshadow", "-Werror", *sanitize,
                    "-pthread", f"-I{RUNTIME}/include", options.source, *library, "-o", program], check=True)
    return subprocess.run([program, *options.arguments]).returncode


if __name__ == "__main__":
    sys.exit(main())
