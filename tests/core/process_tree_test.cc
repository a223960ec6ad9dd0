// Processes that split, and what they send.
#include <csignal>
#include <set>

#include <catch2/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mailbox.h"
#include "base/process_tree.h"

namespace ringfence {

TEST_CASE("each process of a tree sends one message, and one that crashes costs no other") {
  const unsigned at_once = GENERATE(1u, 2u, 5u);
  Mailbox mailbox;
  REQUIRE(mailbox);
  ProcessTree processes(at_once);
  const pid_t first = processes.start();
  REQUIRE(first >= 0);
  if (first == 0) {
    const std::size_t outer = processes.branch(6), inner = outer == 5 ? 0 : processes.branch(4);
    if (outer == 2 && inner == 1)
      raise(SIGKILL);
    mailbox.send(outer * 10 + inner, std::string(inner == 3 ? 3'000'000 : inner, static_cast<char>('a' + outer)));
    _exit(0);
  }
  mailbox.only_receive();
  std::set<std::size_t> seen;
  while (const auto message = mailbox.receive()) {
    const std::size_t outer = message->sender / 10, inner = message->sender % 10;
    CHECK(seen.insert(message->sender).second);
    CHECK(message->bytes == std::string(inner == 3 ? 3'000'000 : inner, static_cast<char>('a' + outer)));
    mailbox.drop(*message);
  }
  CHECK(seen.size() == 20); // 5 times 4, and one that did not split, but for the one that was killed
  CHECK_FALSE(seen.contains(21));
  CHECK(waitpid(first, nullptr, 0) == first);
}

TEST_CASE("no more processes work than there are permits") {
  Mailbox mailbox;
  ProcessTree processes(2);
  const pid_t first = processes.start();
  REQUIRE(first >= 0);
  if (first == 0) {
    processes.branch(3);
    const std::size_t at = processes.branch(3);
    mailbox.send(1, "begins");
    usleep(5000 * (at + 1));
    mailbox.send(0, "ends");
    _exit(0);
  }
  mailbox.only_receive();
  int working = 0, most = 0, ended = 0;
  while (const auto message = mailbox.receive()) {
    working += message->sender == 1 ? 1 : -1;
    ended += message->sender == 0;
    most = std::max(most, working);
  }
  CHECK(most <= 2);
  CHECK(ended == 9);
  waitpid(first, nullptr, 0);
}

} // namespace ringfence
