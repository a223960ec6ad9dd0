"""What ringfence has found out about the extensions that a pool's workers will import, as warnings."""
import json
import os
import sysconfig

from ringfence import manifest as manifests
from ringfence import runtime


class ExtensionWarning(RuntimeWarning):
    """An extension module does not work, or is said not to, in the interpreters of a pool."""


def profile(own_gil):
    return "free-threaded" if sysconfig.get_config_var("Py_GIL_DISABLED") else "own-gil" if own_gil else "shared-gil"


def warnings(reports, modules, own_gil):
    """Sentences about the modules, from the files that `ringfence audit --format json` and `ringfence manifest` wrote."""
    files = {path: module for module in modules for path in runtime.extension_files(module)}
    for report in reports:
        with open(report, encoding="utf-8") as file:
            content = json.load(file)
        if str(content.get("schema", "")).startswith("ringfence-audit/"):
            yield from of_audit(content, files, profile(own_gil))
        else:
            yield from of_manifest(report, files)


def of_audit(content, files, world):
    real = {os.path.realpath(path): module for path, module in files.items()}
    for library in content["libraries"]:
        if os.path.realpath(library["file"]) not in real:
            continue
        for module in library["modules"]:
            answer = module["answers"].get(world)
            if answer and answer["outcome"] in ("refused", "own-risk"):
                yield f"{module['name']} ({answer['outcome']} under {world}): {answer['reason']}"


def of_manifest(path, files):
    listed = {name: objects for name, _, objects in manifests.load(path)}
    for file, module in files.items():
        objects = listed.get(os.path.basename(file), ())
        if objects:
            names = ", ".join(str(each[1] or each[0]) for each in objects[:3])
            yield (f"{module}: {len(objects)} of its globals are not safe in interpreters ({names}{', ...' if len(objects) > 3 else ''}); "
                   "load private copies, or keep it out")
