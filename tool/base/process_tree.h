// Work that splits into processes: each goes on from the state in which its parent stopped.
#pragma once

#include <cstddef>

#include <semaphore.h>
#include <sys/types.h>

namespace ringfence {

class ProcessTree {
public:
  // At most `at_once` processes work; the others wait for their children.
  explicit ProcessTree(unsigned at_once);
  ~ProcessTree();
  ProcessTree(const ProcessTree &) = delete;
  ProcessTree &operator=(const ProcessTree &) = delete;

  // As fork(): the first process of the tree. It is killed when the thread that started it ends.
  pid_t start();

  // Splits the process into `count` children and returns in each with its number; the calling process ends when all of
  // them have. For processes of the tree alone. A child that the system refuses is left out.
  std::size_t branch(std::size_t count);

private:
  sem_t *spare_; // free permits to work; in memory that all processes share; null: there are none
};

} // namespace ringfence
