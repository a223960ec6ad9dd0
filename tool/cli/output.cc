#include "cli/output.h"

#include <cerrno>
#include <cstring>
#include <iostream>

#include "base/text.h"
#include "cli/options.h"

namespace ringfence {

Result<void> write_output(const std::string &path, const std::string &text) {
  if (!path.empty())
    return write_file(path, text);
  if (!std::cout.write(text.data(), static_cast<std::streamsize>(text.size())).flush())
    return fail(std::string("cannot write standard output: ") + std::strerror(errno));
  return {};
}

int report_error(const Error &error) {
  std::cerr << "ringfence: " << escape_terminal(error.message) << '\n';
  return exit_usage;
}

int report_error(const ScanError &error) {
  report_error(static_cast<const Error &>(error));
  return error.code;
}

} // namespace ringfence
