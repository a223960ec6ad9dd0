"""Where CMake finds ringfence-runtime-config.cmake when the library came with pip: see ringfence.get_cmake_dir()."""
