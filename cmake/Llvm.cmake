# Finds LLVM and Clang. ringfence_llvm and ringfence_clang are what to link of them.
#
# With RINGFENCE_STATIC the program is one file that needs no library of the machine it runs on:
#   scripts/static-deps build/static-deps && cmake --preset static && cmake --build --preset static
option(RINGFENCE_STATIC "Link the program statically, from archives (scripts/static-deps builds those that Debian lacks)" OFF)
if(RINGFENCE_STATIC)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  list(PREPEND CMAKE_PREFIX_PATH ${PROJECT_SOURCE_DIR}/build/static-deps)
  set(PKG_CONFIG_ARGN --static)
  add_link_options(-static -Wl,--gc-sections -s)
endif()

find_package(LLVM 19.1 REQUIRED CONFIG)
find_package(Clang REQUIRED CONFIG PATHS "${LLVM_LIBRARY_DIR}/cmake/clang" NO_DEFAULT_PATH)
add_library(ringfence_llvm INTERFACE)
add_library(ringfence_clang INTERFACE)
if(NOT RINGFENCE_STATIC)
  target_link_libraries(ringfence_llvm INTERFACE LLVM)
  target_link_libraries(ringfence_clang INTERFACE clang-cpp LLVM)
  return()
endif()

# Debian's archives of Clang ask for LLVM as a shared library.
foreach(target IN LISTS CLANG_EXPORTED_TARGETS)
  if(TARGET ${target})
    get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      list(REMOVE_ITEM libraries LLVM)
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries}")
    endif()
  endif()
endforeach()
# LLVM's ask for Z3, which serves Clang's static analyzer alone, and for a shared zstd.
get_target_property(libraries LLVMSupport INTERFACE_LINK_LIBRARIES)
list(FILTER libraries EXCLUDE REGEX "libz3|zstd::")
set_target_properties(LLVMSupport PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries};zstd")
llvm_map_components_to_libnames(components FrontendHLSL FrontendOpenMP Object Option ProfileData Support TargetParser WindowsDriver)
target_link_libraries(ringfence_llvm INTERFACE ${components})
target_link_libraries(ringfence_clang INTERFACE clangFrontend clangSerialization clangToolingCore clangLex clangAST
  clangBasic ringfence_llvm)
