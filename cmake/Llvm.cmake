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

# All archives: the linker takes what is needed, where a list of some is found wrong only when somebody links. Debian's of Clang ask
# for LLVM as a shared library, LLVM's for a shared zstd and for libraries of parts that are not linked (Z3, curl, libxml2).
function(ringfence_archives result name)
  set(archives)
  foreach(target IN LISTS ARGN)
    if(NOT TARGET ${target} OR NOT target MATCHES "^${name}")
      continue()
    endif()
    get_target_property(type ${target} TYPE)
    if(type STREQUAL STATIC_LIBRARY)
      get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
      list(FILTER libraries INCLUDE REGEX "^(${name}.+|ZLIB::ZLIB|rt|dl|m)$")
      set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${libraries}")
      list(APPEND archives ${target})
    endif()
  endforeach()
  set(${result} ${archives} PARENT_SCOPE)
endfunction()
ringfence_archives(llvm_archives LLVM ${LLVM_AVAILABLE_LIBS})
ringfence_archives(clang_archives clang ${CLANG_EXPORTED_TARGETS})
target_link_libraries(ringfence_llvm INTERFACE ${llvm_archives} zstd)
target_link_libraries(ringfence_clang INTERFACE ${clang_archives} ringfence_llvm)
