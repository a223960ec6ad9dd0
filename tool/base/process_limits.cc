#include "base/process_limits.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <new>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

namespace ringfence {
namespace {

constexpr unsigned clock_factor = 8;         // other processes use the machine too
constexpr rlim_t stacks = rlim_t{512} << 20; // address space of threads with large stacks
std::function<void(Limit)> when_over;
unsigned clock_seconds = 0;

[[noreturn]] void end(Limit limit) {
  when_over(limit);
  _exit(1);
}

// Bytes of private memory that can be written, as RLIMIT_DATA counts them.
rlim_t data_in_use() {
  rlim_t pages = 0, field = 0;
  std::ifstream statm("/proc/self/statm");
  for (int i = 0; i < 6 && statm >> field; ++i)
    pages = field;
  return pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
}

void lower(__rlimit_resource_t resource, rlim_t soft, rlim_t hard) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0)
    return;
  limit.rlim_max = std::min(limit.rlim_max, hard);
  limit.rlim_cur = std::min({limit.rlim_cur, limit.rlim_max, soft});
  setrlimit(resource, &limit);
}

void set_clock(unsigned seconds) {
  const itimerval timer{{0, 0}, {static_cast<time_t>(seconds), 0}};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

} // namespace

void limit_process(const ProcessLimits &limits, std::function<void(Limit)> over) {
  when_over = std::move(over);
  clock_seconds = limits.seconds * clock_factor;
  for (const int signal : {SIGXCPU, SIGALRM}) {
    struct sigaction action {};
    action.sa_handler = [](int) { end(Limit::time); };
    action.sa_flags = SA_ONSTACK;
    sigaction(signal, &action, nullptr);
  }
  std::set_new_handler([] { end(Limit::memory); });
  lower(RLIMIT_CPU, limits.seconds, rlim_t{limits.seconds} + 2);
  const rlim_t data = data_in_use() + stacks + (rlim_t{limits.mebibytes} << 20);
  lower(RLIMIT_DATA, data, data);
  start_process_clock();
}

void start_process_clock() { set_clock(clock_seconds); }
void stop_process_clock() { set_clock(0); }

} // namespace ringfence
