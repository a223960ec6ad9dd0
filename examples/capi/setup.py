"""Two extensions, one with a C API and one that uses it: pip install ringfence, then python setup.py build_ext --inplace"""
import ringfence
from setuptools import Extension, setup

setup(name="noodle", version="1.0",
      ext_modules=[Extension(name, [f"{name}.c", ringfence.get_source()], include_dirs=[ringfence.get_include()])
                   for name in ("noodle", "soup")])
