// Every unit of a tree, read in the same way.
#pragma once

#include <vector>

#include "base/parallel.h"
#include "extract/extract.h"
#include "rewrite/stage.h"

namespace ringfence {

// `read`: from a unit to what it says.
template <class Read> auto read_all_units(const StageInput &input, Read read) {
  const std::vector<CompileUnit> &units = input.tree.units;
  std::vector<decltype(read(units[0], ProjectPaths(), input.files))> result(units.size());
  for_each_parallel(units.size(), input.jobs,
                    [&](std::size_t i) { result[i] = read(units[i], {input.tree}, input.files); });
  return result;
}

} // namespace ringfence
