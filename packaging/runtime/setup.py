"""The distribution `ringfence-runtime`: what the runtime library's Python needs compiled, `ringfence._runtime`, for one
Python. scripts/wheels lays the sources beside this file; the source distribution builds wherever a C compiler is."""
import glob
import pathlib

from setuptools import Extension, setup

version = pathlib.Path("VERSION").read_text(encoding="utf-8").strip()
setup(
    name="ringfence-runtime",
    version=version,
    description="The compiled part of ringfence's runtime library: the harness, the watch and private copies",
    long_description=pathlib.Path("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=[],
    ext_modules=[Extension("ringfence._runtime", sorted(glob.glob("src/*.c")), include_dirs=["include", "src"],
                           extra_compile_args=["-std=gnu11", "-fvisibility=hidden"], libraries=["dl"])],
    python_requires=">=3.9,<3.15",
    install_requires=[f"ringfence=={version}"],
)
