// What a process may take of the machine: for work that someone else's input can make endless.
#pragma once

#include <functional>

namespace ringfence {

enum class Limit : char { time = 't', memory = 'm' };

struct ProcessLimits {
  unsigned seconds;   // of processor time; of the clock's time, eight times that
  unsigned mebibytes; // of memory, above what the process has when it is limited and what stacks take
};

// Limits this process, and each that it forks, which has time of its own. One that goes over a limit calls `over` and
// ends, whatever it is at: `over` may call what a signal handler may. Where the clock's time runs, see below.
void limit_process(const ProcessLimits &limits, std::function<void(Limit)> over);

// The clock's time begins anew; it does not run in a forked process until then.
void start_process_clock();
// It does not run as long as the process waits for others.
void stop_process_clock();

} // namespace ringfence
