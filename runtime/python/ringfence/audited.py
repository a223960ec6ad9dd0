"""ringfence audit --exercise: what an audit found, run in many interpreters, one module after another.

Options are audit's. Exit codes are exercise's: 0 clean, 1 findings, 2 usage, 3 a module could not be run."""
import json
import os
import subprocess
import sys
import sysconfig

GILS = {"shared-gil": "shared", "own-gil": "own"}
WORDS = {0: "clean", 1: "FINDINGS", 2: "could not be run", 3: "could not be run in full"}


def own_abi():
    return f"cp{sys.version_info[0]}{sys.version_info[1]}" + ("t" if sysconfig.get_config_var("Py_GIL_DISABLED") else "")


def site_of(file, name):
    """The folder that Python imports the module from."""
    folder = os.path.dirname(file)
    for _ in name.split(".")[:-1]:
        folder = os.path.dirname(folder)
    return folder


def tasks(report):
    """(module, options of exercise) of each module of an audit, and what is left out: (module, reason)."""
    planned, left_out = [], []
    for library in report["libraries"]:
        for module in library["modules"]:
            name = module["import"]
            if "!/" in library["file"]:
                left_out.append((name, "it is in a wheel: install it first"))
            elif library["abi"] not in (None, "abi3", own_abi()):
                left_out.append((name, f"it is for {library['abi']}, this Python is {own_abi()}"))
            else:
                gils = [GILS[profile] for profile in module["answers"] if profile in GILS]
                if sys.version_info < (3, 12):
                    gils = [gil for gil in gils if gil == "shared"]
                options = ["--gil", ",".join(gils)] if gils else []
                if module["answers"].get("own-gil", {}).get("outcome") == "refused" and gils == ["own"]:
                    options.append("--private-copy")  # else there is nothing to run
                planned.append((name, [*options, "--path", site_of(library["file"], name)]))
    return planned, left_out


def main(program, arguments):
    done = subprocess.run([program, "audit", *arguments, "--format", "json"], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 2:
        return 2
    planned, left_out = tasks(json.loads(done.stdout))
    codes = set()
    for name, options in planned:
        run = subprocess.run([sys.executable, "-m", "ringfence", "exercise", name, *options], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
        codes.add(run.returncode)
        print(f"{name}: {WORDS.get(run.returncode, 'ended with ' + str(run.returncode))}  ({' '.join(options)})", flush=True)
        if run.returncode:
            print("".join(f"    {line}\n" for line in run.stdout.splitlines()), end="", flush=True)
    for name, reason in left_out:
        print(f"{name}: left out: {reason}")
    if 1 in codes:
        return 1
    return 3 if codes - {0} or left_out else 0
