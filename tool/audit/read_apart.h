// Files read in a process each, with limits: a library for object files ends or goes on for ever on some that are damaged.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace ringfence {

struct ReadApart {
  std::string bytes; // what `read` gave
  std::string ended; // else a sentence on how its process ended
};

// Calls read(i) for each i below `count`, up to `jobs` at once. Nothing else that `read` does is seen here. Where the
// system gives no processes, it is called in this one.
std::vector<ReadApart> read_apart(std::size_t count, unsigned jobs,
                                  const std::function<std::string(std::size_t)> &read);

} // namespace ringfence
