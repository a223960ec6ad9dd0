"""What the runtime library offers to Python: the exercise harness, the watch, and the C library to build extensions with."""
import os


def get_include():
    """The folder of ringfence.h, for include_dirs."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "include")


def get_source():
    """The C file that an extension compiles with its own."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "src", "ringfence.c")


def get_cmake_dir():
    """The folder of ringfence-runtime-config.cmake, for CMAKE_PREFIX_PATH. scikit-build-core asks for it by itself."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "cmake")
