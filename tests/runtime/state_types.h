// The states of state_types_test.c: one header defines them for all files of a program.
#include <ringfence.h>

typedef struct {
  _Alignas(64) double lanes[8];
} lanes;
typedef struct {
  char bytes[512 << 20];
} huge;
typedef struct {
  long calls;
} shared;

typedef struct {
} nothing; // GNU C: 0 bytes

static int shared_init(shared *s) {
  s->calls = 40;
  return 0;
}

static int nothing_cleared;
static void nothing_clear(nothing *n) {
  (void)n;
  nothing_cleared++;
}

RF_STATE(state, lanes, NULL, NULL) // a name that the library uses itself
RF_STATE(huge, huge, NULL, NULL)
RF_STATE(shared, shared, shared_init, NULL)
RF_STATE(nothing, nothing, NULL, nothing_clear)
RF_STATE_DECLARE(declared, long)

long call_from_second_file(void);
