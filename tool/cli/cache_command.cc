// `ringfence cache`: shows, verifies, prunes or clears the facts of earlier runs.
#include <iostream>

#include "base/file_system.h"
#include "base/text.h"
#include "cache/fact_cache.h"
#include "cli/options.h"
#include "cli/output.h"

namespace ringfence {
namespace {

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

void print_summary(FactCache &cache) {
  const FactCache::Summary summary = cache.summary();
  std::cout << cache.path() << ": " << count_of(summary.units, "unit") << ", " << megabytes(summary.bytes);
  if (summary.units > 0)
    std::cout << ", the oldest last used " << count_of(static_cast<std::size_t>(summary.unused), "day") << " ago";
  std::cout << "\n";
}

} // namespace

int run(const CacheOptions &options) {
  if (options.folder.empty())
    return report_error(Error{"there is no cache folder: set RINGFENCE_CACHE or HOME, or give --cache DIR"});
  if (options.action == CacheOptions::Action::clear) {
    const auto cleared = FactCache::clear(options.folder);
    return cleared ? exit_clean : report_error(cleared.error());
  }
  const DiskFileSystem disk;
  const auto cache = FactCache::open(options.folder, disk);
  if (!cache)
    return report_error(cache.error());
  std::size_t damaged = 0;
  if (options.action == CacheOptions::Action::prune)
    (*cache)->shrink_to(options.megabytes << 20);
  if (options.action == CacheOptions::Action::verify) {
    damaged = (*cache)->verify();
    std::cout << count_of(damaged, "damaged unit") << " dropped\n";
  }
  print_summary(**cache);
  if (const std::string problem = (*cache)->problem(); !problem.empty())
    return report_error(Error{problem});
  return damaged > 0 ? exit_failed : exit_clean;
}

} // namespace ringfence
