// ringfence init: what a project needs to keep new global state out.
#pragma once

#include "cli/options.h"

namespace ringfence {

int run_init(const InitOptions &options);

} // namespace ringfence
