// Facts of units: from the cache where they still hold, else from a parse.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "cache/fact_cache.h"
#include "extract/shared/extract_all.h"

namespace ringfence {

class UnitReader {
public:
  // `cache`: the cache's folder; empty: every unit is parsed. A cache that cannot be used is a problem(), no failure.
  // `files` outlives the reader.
  UnitReader(ProjectPaths paths, const std::string &cache, const FileSystem &files);

  // Hands the facts of each unit over, one by one, in no particular order. Those of a unit that failed are not kept:
  // what failed may pass.
  void read(const std::vector<CompileUnit> &units, ExtractPlan plan, const std::function<void(TuFacts)> &use);

  // The same for the units that the cache knows; returns the numbers of the others, which are not read.
  std::vector<std::size_t> read_known(const std::vector<CompileUnit> &units, unsigned jobs,
                                      const std::function<void(TuFacts)> &use);

  // Keeps the cache within its size. What the user may want to know: how many units needed no parse, what went wrong.
  std::vector<std::string> finish();

private:
  std::string key_of(const CompileUnit &unit) const;

  void parse(const std::vector<CompileUnit> &units, const ExtractPlan &plan, const UseFacts &use) const;

  const FileSystem &files_;
  ProjectPaths paths_;
  std::string parser_; // all that goes into every parse: program, Clang's library, tables, environment, folders
  std::unique_ptr<FactCache> cache_;
  std::string problem_;
  std::size_t read_ = 0, reused_ = 0; // units
};

} // namespace ringfence
