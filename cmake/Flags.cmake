# ringfence_flags: warnings and sanitizers for our own targets, linked privately by each of them.
add_library(ringfence_flags INTERFACE)
target_compile_options(ringfence_flags INTERFACE -Wall -Wextra -Wpedantic $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)

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
