"""Cython with setuptools: pip install ringfence cython, then python setup_cython.py build_ext --inplace"""
import ringfence
from Cython.Build import cythonize
from setuptools import Extension, setup

eggs = Extension("eggs", ["eggs.pyx", ringfence.get_source()], include_dirs=[ringfence.get_include()])
setup(name="eggs", version="1.0", ext_modules=cythonize([eggs], language_level=3))
