// A property that every input must keep; libFuzzer reports the abort with the input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define REQUIRE_PROPERTY(condition)                                                                                    \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      std::fprintf(stderr, "%s:%d: property broken: %s\n", __FILE__, __LINE__, #condition);                            \
      std::abort();                                                                                                    \
    }                                                                                                                  \
  } while (false)
