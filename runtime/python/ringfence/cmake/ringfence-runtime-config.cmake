# The library as pip installs it: ringfence::runtime, compiled into each extension that links it. It is C: a project of C++
# alone has to be told so.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT C IN_LIST languages)
  enable_language(C)
endif()
if(NOT TARGET ringfence::runtime)
  get_filename_component(package "${CMAKE_CURRENT_LIST_DIR}/.." REALPATH)
  add_library(ringfence::runtime INTERFACE IMPORTED)
  set_target_properties(ringfence::runtime PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${package}/include" INTERFACE_SOURCES "${package}/src/ringfence.c")
endif()
# It is a file of its own also in a unity build of the folder that this is asked for in.
get_target_property(source ringfence::runtime INTERFACE_SOURCES)
set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
