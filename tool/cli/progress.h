// Progress of a long scan on standard error: one line that is rewritten on a terminal, plain lines now and then
// elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "cli/options.h"
#include "scan/observer.h"

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

// Shows a scan on standard error.
class TerminalObserver final : public ScanObserver {
public:
  explicit TerminalObserver(const TreeOptions &options) : when_(options.progress), quiet_(options.quiet) {}

  void begin(std::size_t units) override { progress_ = std::make_unique<Progress>(units, when_, quiet_); }
  void done(const std::string &unit) override { progress_->done(unit); }
  void end() override { progress_.reset(); }
  void note(const std::string &text) override;

private:
  const When when_;
  const bool quiet_;
  std::unique_ptr<Progress> progress_; // while units are read
};

} // namespace ringfence
