// Progress of a long scan on standard error: one line that is rewritten on a terminal, plain lines now and then
// elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "cli/options.h"

namespace ringfence {

class Progress {
public:
  Progress(std::size_t total, When when, bool quiet);
  ~Progress();

  // A unit is done. Safe to call from several threads at once.
  void done(const std::string &unit);

private:
  using Clock = std::chrono::steady_clock;

  void print(const std::string &unit);

  std::mutex mutex_;
  const std::size_t total_;
  const bool enabled_, terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point printed_ = start_;
  std::size_t done_ = 0;
};

} // namespace ringfence
