// Why a tree cannot be analysed.
#pragma once

#include "base/result.h"
#include "scan/exit_code.h"

namespace ringfence {

// No such path, a broken database, invalid rules; or a file that is there could not be read.
struct ScanError : Error {
  ExitCode code = exit_usage; // or exit_incomplete
};

template <class T> using ScanResult = tl::expected<T, ScanError>;

} // namespace ringfence
