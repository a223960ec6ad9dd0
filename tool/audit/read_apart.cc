#include "audit/read_apart.h"

#include <llvm/Support/ErrorHandling.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/process_limits.h"
#include "base/process_tree.h"

namespace ringfence {
namespace {

// For one file; a wheel may hold a gigabyte.
constexpr ProcessLimits limits{60, 4096};

enum class Said : char {
  time = static_cast<char>(Limit::time),
  memory = static_cast<char>(Limit::memory),
  begun,
  bytes
};

std::string message(Said said, const std::string &bytes = {}) { return static_cast<char>(said) + bytes; }

std::string sentence(Said said) {
  switch (said) {
  case Said::time:
    return "reading it took more than " + std::to_string(limits.seconds) + " s";
  case Said::memory:
    return "reading it took more than " + std::to_string(limits.mebibytes) + " MiB of memory";
  default:
    return "it is damaged: reading it ended the process that did";
  }
}

[[noreturn]] void read_one(std::size_t index, Mailbox &mailbox, const std::function<std::string(std::size_t)> &read) {
  mailbox.send(index, message(Said::begun));
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  limit_process(limits, [&](Limit limit) { mailbox.send(index, message(static_cast<Said>(limit))); });
  llvm::install_fatal_error_handler([](void *, const char *, bool) { _exit(1); }); // says nothing that others need
  mailbox.send(index, message(Said::bytes, read(index)));
  _exit(0);
}

} // namespace

std::vector<ReadApart> read_apart(std::size_t count, unsigned jobs,
                                  const std::function<std::string(std::size_t)> &read) {
  std::vector<ReadApart> readings(count);
  if (count == 0)
    return readings;
  Mailbox mailbox;
  ProcessTree processes(jobs);
  const pid_t first = mailbox ? processes.start() : -1;
  if (first == 0)
    read_one(processes.branch(count), mailbox, read);
  if (first > 0) {
    mailbox.only_receive();
    while (const auto received = mailbox.receive()) {
      const auto said = static_cast<Said>(received->bytes.front());
      ReadApart &reading = readings[received->sender];
      if (said == Said::bytes)
        reading = {std::string(received->bytes.substr(1)), {}};
      else
        reading.ended = sentence(said);
      mailbox.drop(*received);
    }
    waitpid(first, nullptr, 0);
  }
  for (std::size_t i = 0; i < count; ++i)
    if (readings[i].bytes.empty() && readings[i].ended.empty()) // no process for it
      readings[i].bytes = read(i);
  return readings;
}

} // namespace ringfence
