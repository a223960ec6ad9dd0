"""The wheel `ringfence`: the static program with Clang's own headers, and all of the runtime library's Python that needs
no compiled part. scripts/wheels lays the package beside this file and calls it."""
import os

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class ProgramWheel(bdist_wheel):
    """One wheel for every Python: what is compiled in it is a static program, which needs neither of the two libcs."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self):
        return "py3", "none", "manylinux_2_17_x86_64.musllinux_1_1_x86_64"


files = [os.path.relpath(os.path.join(folder, name), "ringfence") for folder, _, names in os.walk("ringfence") for name in names]
version = os.environ["RINGFENCE_VERSION"]
setup(
    name="ringfence",
    version=version,
    description="Finds C global state that breaks interpreter isolation in CPython and extension modules",
    long_description=open("README.md", encoding="utf-8").read(),
    long_description_content_type="text/markdown",
    license="MIT",
    classifiers=["Environment :: Console", "Intended Audience :: Developers", "License :: OSI Approved :: MIT License",
                 "Operating System :: POSIX :: Linux", "Programming Language :: Python :: 3", "Topic :: Software Development :: Quality Assurance"],
    packages=["ringfence", "ringfence.cmake", "ringfence.proof"],
    package_data={"ringfence": files},
    python_requires=">=3.9",
    extras_require={"runtime": [f"ringfence-runtime=={version}"]},
    entry_points={"console_scripts": ["ringfence = ringfence.__main__:main"], "pytest11": ["ringfence = ringfence.pytest_plugin"],
                  "cmake.prefix": ["ringfence = ringfence.cmake"]},
    cmdclass={"bdist_wheel": ProgramWheel},
)
