#include "cli/progress.h"

#include <cstdio>

#include <unistd.h>

#include "base/text.h"

namespace ringfence {
namespace {

constexpr std::chrono::milliseconds terminal_interval{100};
constexpr std::chrono::milliseconds plain_interval{5000};

} // namespace

// Where standard error is no terminal, `auto` prints plain lines too: a scan that takes less than the interval stays
// silent.
Progress::Progress(std::size_t total, When when, bool quiet)
    : total_(total), enabled_(when == When::always || (when == When::automatic && !quiet)),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (enabled_ && terminal_)
    std::fputs("\r\033[K", stderr);
}

void Progress::done(const std::string &unit) {
  const std::lock_guard lock(mutex_);
  ++done_;
  const Clock::time_point now = Clock::now();
  if (!enabled_ || now - printed_ < (terminal_ ? terminal_interval : plain_interval))
    return;
  printed_ = now;
  print(unit);
}

void Progress::print(const std::string &unit) {
  const double seconds = std::chrono::duration<double>(printed_ - start_).count();
  std::fprintf(stderr, terminal_ ? "\r\033[K[%zu/%zu] %.1f units/s  %s" : "ringfence: [%zu/%zu] %.1f units/s  %s\n",
               done_, total_, static_cast<double>(done_) / seconds, escape_terminal(unit).c_str());
  std::fflush(stderr);
}

void TerminalObserver::note(const std::string &text) {
  if (!quiet_)
    std::fprintf(stderr, "ringfence: %s\n", escape_terminal(text).c_str());
}

} // namespace ringfence
