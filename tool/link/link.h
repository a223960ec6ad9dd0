// Facts of many units in, one Program out.
#pragma once

#include <memory>

#include "facts/facts.h"
#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// Merges units one at a time, so that their facts need not all be in memory at once; then freezes.
class Linker {
public:
  explicit Linker(const Knowledge &api); // which must outlive it
  ~Linker();

  void add(TuFacts facts);

  // `uncovered`: source files of the tree that no unit names, to be listed in the program where no unit read them
  // either. On up to `jobs` threads.
  Program link(std::vector<std::string> uncovered, unsigned jobs = 1) &&;

private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace ringfence
