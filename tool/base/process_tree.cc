#include "base/process_tree.h"

#include <cerrno>
#include <csignal>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ringfence {
namespace {

// As fork(), and no child outlives its parent.
pid_t fork_bound() {
  const pid_t parent = getpid(), child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) // it ended before that took effect
      _exit(1);
  }
  return child;
}

} // namespace

ProcessTree::ProcessTree(unsigned at_once) {
  void *memory = mmap(nullptr, sizeof(sem_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  spare_ = memory == MAP_FAILED ? nullptr : static_cast<sem_t *>(memory);
  if (spare_)
    sem_init(spare_, /*pshared=*/1, at_once - 1);
}

ProcessTree::~ProcessTree() {
  if (spare_)
    munmap(spare_, sizeof(sem_t));
}

pid_t ProcessTree::start() { return fork_bound(); }

// A process lends its own permit to a child; it returns when the child is waited for, however that ended.
std::size_t ProcessTree::branch(std::size_t count) {
  std::size_t in_hand = 1, running = 0;
  const auto wait_for_one = [&] {
    while (waitpid(-1, nullptr, 0) < 0 && errno == EINTR)
      ;
    --running;
    ++in_hand;
  };
  for (std::size_t i = 0; i < count; ++i) {
    if (in_hand == 0 && spare_ && sem_trywait(spare_) == 0)
      ++in_hand;
    if (in_hand == 0)
      wait_for_one();
    const pid_t child = fork_bound();
    if (child == 0)
      return i;
    if (child < 0)
      break;
    --in_hand;
    ++running;
  }
  while (running > 0) {
    for (; in_hand > 0 && spare_; --in_hand)
      sem_post(spare_);
    wait_for_one();
  }
  _exit(0);
}

} // namespace ringfence
