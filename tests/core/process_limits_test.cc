// Processes that take more than they may.
#include <vector>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/process_limits.h"

namespace ringfence {
namespace {

// What the process said that it was over, '\0' where it ended by itself.
template <class Work> char limit_met(unsigned seconds, unsigned mebibytes, Work work) {
  Mailbox mailbox;
  const pid_t child = fork();
  if (child == 0) {
    limit_process({seconds, mebibytes}, [&](Limit limit) {
      const char word = static_cast<char>(limit);
      mailbox.send(0, {&word, 1});
    });
    work();
    _exit(0);
  }
  mailbox.only_receive();
  const auto message = mailbox.receive();
  const char met = message ? message->bytes.front() : '\0';
  waitpid(child, nullptr, 0);
  return met;
}

void spin() {
  for (volatile unsigned i = 0;;)
    i = i + 1;
}

} // namespace

TEST_CASE("a process over a limit says so and ends") {
  CHECK(limit_met(1, 1024, spin) == 't');
#ifndef __SANITIZE_ADDRESS__ // which ends a process without memory itself
  CHECK(limit_met(60, 64, [] {
          for (std::vector<std::vector<char>> kept;;)
            kept.emplace_back(1 << 20, 'x');
        }) == 'm');
#endif
  CHECK(limit_met(60, 64, [] {}) == '\0');
}

TEST_CASE("the limits hold in forked processes, each with time of its own") {
  CHECK(limit_met(1, 1024, [] {
          if (const pid_t child = fork(); child == 0)
            spin();
          else
            waitpid(child, nullptr, 0);
        }) == 't');
}

} // namespace ringfence
