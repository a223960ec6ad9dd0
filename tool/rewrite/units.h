// Every C unit of a tree, read in the same way.
#pragma once

#include <vector>

#include "base/parallel.h"
#include "extract/extract.h"
#include "rewrite/stage.h"

namespace ringfence {

// `read`: from a unit to what it says; of units in other languages, an empty one.
template <class Read> auto read_c_units(const StageInput &input, Read read) {
  const std::vector<CompileUnit> &units = input.tree.units;
  std::vector<decltype(read(units[0], ProjectPaths(), input.files))> result(units.size());
  for_each_parallel(units.size(), input.jobs, [&](std::size_t i) {
    if (units[i].language == Language::c)
      result[i] = read(units[i], {input.tree.root, input.tree.build}, input.files);
  });
  return result;
}

} // namespace ringfence
