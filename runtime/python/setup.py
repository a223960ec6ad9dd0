"""Builds the Python side of the runtime library: pip install runtime/python, or python setup.py build_ext --inplace."""
import glob
import os

from setuptools import Extension, setup

here = os.path.dirname(os.path.abspath(__file__))
os.chdir(here)  # setuptools wants paths relative to setup.py
runtime = Extension(
    "ringfence._runtime",
    sorted(glob.glob("src/*.c")) + sorted(glob.glob("../src/*.c")),
    include_dirs=["../include"],
    extra_compile_args=["-std=gnu11", "-fvisibility=hidden"],
    libraries=["dl"],
)
setup(
    name="ringfence",
    version="0.1.0",
    description="Exercises extension modules in many interpreters and watches their global state",
    packages=["ringfence"],
    ext_modules=[runtime],
    python_requires=">=3.9,<3.15",
    entry_points={"pytest11": ["ringfence = ringfence.pytest_plugin"]},
)
