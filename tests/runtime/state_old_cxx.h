// The state of state_old_cxx_test.cc that a header defines for both of its files.
#pragma once
#include <ringfence.h>

struct Shared {
  long calls;
};
static int shared_init(Shared *shared) {
  shared->calls = 40;
  return 0;
}
RF_STATE(shared, Shared, shared_init, nullptr)

long call_from_second_file();
