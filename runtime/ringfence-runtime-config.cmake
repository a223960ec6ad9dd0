# The library is compiled into its user, and is C: a project of C++ alone has to be told so.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT C IN_LIST languages)
  enable_language(C)
endif()
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/ringfence-runtime-targets.cmake)
