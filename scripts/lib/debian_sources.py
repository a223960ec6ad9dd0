"""Upstream sources of Debian's packages: what scripts/corpus and scripts/sweep share.

The machine's own apt configuration is only read: a private one is made from it. A `run` is a function that runs a
command (a list) in a folder, and raises where it fails.
"""

import contextlib
import os
import pathlib
import platform
import re

HOST = platform.freedesktop_os_release()  # of Debian
HOST_SUITE = HOST["VERSION_CODENAME"]


def entries(suite, types):
    """The machine's own Debian entries as (file name, text), asking for `types` ("deb", "deb-src") of `suite`."""
    deb822 = pathlib.Path("/etc/apt/sources.list.d/debian.sources")
    if deb822.exists():
        text = re.sub(r"(?m)^Types:.*", f"Types: {' '.join(types)}", deb822.read_text())
        return "debian.sources", text.replace(HOST_SUITE, suite)
    lines = pathlib.Path("/etc/apt/sources.list").read_text().splitlines()
    found = {re.sub(r"^deb(-src)? ", f"{kind} ", line).replace(HOST_SUITE, suite)
             for line in lines if re.match(rf"deb(-src)? .*\b{HOST_SUITE}", line) for kind in types}
    return "debian.list", "".join(f"{entry}\n" for entry in sorted(found))


def mirror():
    """The address of the archive that the machine's own entries name."""
    return re.search(r"(?m)^(?:URIs:|deb(?: \[.*\])?) *(\S+)", entries(HOST_SUITE, ("deb",))[1])[1]


def apt_get(home, suite, types=("deb-src",)):
    """The words of an apt-get command that knows one suite alone, and keeps its lists in the folder `home`.

    The lists are empty until the caller has run it with `update`."""
    (home / "sources").mkdir(parents=True, exist_ok=True)
    (home / "lists/partial").mkdir(parents=True, exist_ok=True)
    name, text = entries(suite, types)
    file = home / "sources" / name
    if not file.exists() or file.read_text() != text:  # another apt-get may be reading it
        file.write_text(text)
    options = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": home / "sources",
               "Dir::State::lists": home / "lists", "Dir::Cache::pkgcache": "", "Dir::Cache::srcpkgcache": ""}
    if os.geteuid() == 0:
        options["APT::Sandbox::User"] = "root"  # the default user may not see our folder
    return ["apt-get", "-q", *(word for key, value in options.items() for word in ("-o", f"{key}={value}"))]


def download(run, apt, source, folder):
    """The upstream archives of a source (PACKAGE or PACKAGE=VERSION), which are all that `folder` then holds of archives."""
    run([*apt, "source", "--download-only", "--tar-only", "--only-source", source], folder)
    return sorted(path for path in folder.iterdir() if re.search(r"\.tar\.[a-z0-9]+$", path.name))


def unpack(run, archive, folder):
    """Unpacks the tree of an archive into the folder, which is made."""
    folder.mkdir()
    run(["tar", "--extract", "--no-same-owner", "--strip-components=1", "--file", archive], folder)


@contextlib.contextmanager
def without_metadata(source):
    """Sets package metadata aside while setup.py runs: Debian 12's setuptools refuses today's form."""
    metadata = source / "pyproject.toml"
    aside = metadata.with_suffix(".aside")
    if metadata.exists():
        metadata.rename(aside)
    try:
        yield
    finally:
        if aside.exists():
            aside.rename(metadata)
