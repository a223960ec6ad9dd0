# ringfence_flags: warnings and sanitizers for our own targets, linked privately by each of them.
add_library(ringfence_flags INTERFACE)
target_compile_options(ringfence_flags INTERFACE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
# GCC 12 sees overflows and uninitialised reads in std::string and std::optional that are not there (its bugs 105329, 105562).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(ringfence_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds;-Wno-restrict>)
endif()

set(RINGFENCE_SANITIZE "" CACHE STRING "Value for -fsanitize, for example address,undefined")
if(RINGFENCE_SANITIZE)
  target_compile_options(ringfence_flags INTERFACE -fsanitize=${RINGFENCE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(ringfence_flags INTERFACE -fsanitize=${RINGFENCE_SANITIZE})
endif()

# Coverage for libFuzzer in all of our own code; the fuzzers themselves link its main.
if(RINGFENCE_FUZZ)
  target_compile_options(ringfence_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(ringfence_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
