#include "cli/extract_command.h"

#include <algorithm>

#include "base/file_system.h"
#include "cli/analysis.h"
#include "cli/output.h"
#include "facts/part.h"
#include "source/min_python.h"

namespace ringfence {
namespace {

// Units that follow each other cost alike, being neighbours in the tree: deal them out in turn.
std::vector<CompileUnit> units_of_shard(const std::vector<CompileUnit> &units, const ExtractOptions &options) {
  std::vector<CompileUnit> own;
  for (std::size_t i = options.shard - 1; i < units.size(); i += options.shards)
    own.push_back(units[i]);
  return own;
}

} // namespace

int run_extract(const ExtractOptions &options) {
  const DiskFileSystem disk;
  Result<SourceTree> tree = load_tree(options.analysis.source, disk);
  if (!tree)
    return report_error(tree.error());
  Part part;
  part.tool_version = RINGFENCE_VERSION;
  part.shard = options.shard;
  part.shards = options.shards;
  part.path = options.analysis.source.path;
  part.exclude = options.analysis.source.exclude;
  part.min_python = find_min_python(tree->root, disk);
  part.notes = tree->notes;
  part.uncovered = tree->uncovered;
  tree->units = units_of_shard(tree->units, options);
  read_units(*tree, options.analysis, [&](TuFacts facts) { part.units.push_back(std::move(facts)); });
  std::sort(part.units.begin(), part.units.end(),
            [](const TuFacts &a, const TuFacts &b) { return a.unit < b.unit; }); // the same bytes in every run
  const auto written = write_output(options.output, to_bytes(part));
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
