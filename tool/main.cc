// Parse, run, exit code: a table of contents.

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "capture/shim.h"
#include "cli/options.h"
#include "cli/output.h"

namespace ringfence {
namespace {

int run_command(int argc, char **argv) {
  const auto parsed = parse_options(argc, argv);
  if (const int *code = std::get_if<int>(&parsed))
    return *code;
  return std::visit([](const auto &options) { return run(options); }, std::get<Options>(parsed));
}

// What is printed may be help, and standard output a full disk.
int run_and_flush(int argc, char **argv) {
  const int code = run_command(argc, argv);
  if (code == exit_clean && !std::cout.flush())
    return report_error(Error{"cannot write standard output"});
  return code;
}

} // namespace
} // namespace ringfence

int main(int argc, char **argv) try {
  if (ringfence::is_shim_invocation())
    return ringfence::run_shim(argc, argv);
  std::signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error with a message
  return ringfence::run_and_flush(argc, argv);
} catch (const std::bad_alloc &) {
  std::fputs("ringfence: out of memory\n", stderr);
  return ringfence::exit_usage;
} catch (const std::exception &error) {
  std::fprintf(stderr, "ringfence: internal error: %s\n", error.what());
  return ringfence::exit_usage;
}
