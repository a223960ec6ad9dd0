"""setuptools: pip install ringfence, then python setup.py build_ext --inplace"""
import ringfence
from setuptools import Extension, setup

setup(name="spam", version="1.0",
      ext_modules=[Extension("spam", ["spam.c", ringfence.get_source()], include_dirs=[ringfence.get_include()])])
