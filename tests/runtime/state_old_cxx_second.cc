#include "state_old_cxx.h"

long call_from_second_file() { return ++RF_GET(shared)->calls; }
