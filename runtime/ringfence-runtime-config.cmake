# The library is compiled into its user, and is C: a project of C++ alone has to be told so.
get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT C IN_LIST languages)
  enable_language(C)
endif()
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/ringfence-runtime-targets.cmake)
# Each is a file of its own also in a unity build of the folder that this is asked for in.
foreach(part runtime watch private channels interpreters)
  get_target_property(sources ringfence::${part} INTERFACE_SOURCES)
  set_source_files_properties(${sources} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endforeach()
