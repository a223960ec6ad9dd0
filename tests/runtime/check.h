// CHECK names a condition that does not hold, and the test goes on: `failures` counts them. REQUIRE ends the program.
#ifndef RINGFENCE_TEST_CHECK_H
#define RINGFENCE_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>

static int failures;

static inline int check(int holds, const char *file, int line, const char *condition) {
  if (!holds) {
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, condition);
    failures++;
  }
  return holds;
}

#define CHECK(condition) check(!!(condition), __FILE__, __LINE__, #condition)
#define REQUIRE(condition)                                                                                             \
  do {                                                                                                                 \
    if (!CHECK(condition))                                                                                             \
      exit(1);                                                                                                         \
  } while (0)

#endif
