"""Builds the Python side of the runtime library: pip install runtime/python, or python setup.py build_ext --inplace. The
library's headers and sources come with it (links within the package), so that extensions can be built with them."""
import glob
import os
import re

from setuptools import Extension, setup

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)  # setuptools wants paths relative to setup.py
with open("ringfence/include/ringfence.h", encoding="utf-8") as header:
    version = ".".join(re.findall(r"^#define RF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header.read(), re.MULTILINE))
runtime = Extension(
    "ringfence._runtime",
    sorted(glob.glob("src/*.c")) + sorted(glob.glob("ringfence/src/*.c")),
    include_dirs=["ringfence/include"],
    extra_compile_args=["-std=gnu11", "-fvisibility=hidden"],
    libraries=["dl"],
)
setup(
    name="ringfence",
    version=version,
    description="Exercises extension modules in many interpreters and watches their global state",
    packages=["ringfence", "ringfence.cmake", "ringfence.proof"],
    package_data={"ringfence": ["include/*.h", "include/*.hpp", "src/*.[ch]"],
                  "ringfence.cmake": ["*.cmake"]},
    ext_modules=[runtime],
    python_requires=">=3.9,<3.15",
    entry_points={"pytest11": ["ringfence = ringfence.pytest_plugin"], "cmake.prefix": ["ringfence = ringfence.cmake"]},
)
