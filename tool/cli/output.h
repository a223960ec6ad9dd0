// Where results and errors go: results to a file or standard output, errors to standard error.
#pragma once

#include <string>

#include "base/result.h"
#include "base/write_file.h"
#include "scan/scan_error.h"

namespace ringfence {

// To the file, as write_file() does, or to standard output where the path is empty.
Result<void> write_output(const std::string &path, const std::string &text);

// Prints the error and returns the exit code for usage and configuration errors.
int report_error(const Error &error);
// The same where a file could be read no further: the error knows its code.
int report_error(const ScanError &error);

} // namespace ringfence
