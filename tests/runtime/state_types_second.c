#include "state_types.h"

RF_STATE(declared, long, NULL, NULL)

long call_from_second_file(void) {
  ++*RF_GET(declared);
  return ++RF_GET(shared)->calls;
}
