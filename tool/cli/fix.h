// `scan --fix` and `--fix-dry-run`: `const` for what is never written, kept only where every unit still parses.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scan/analysis.h"

namespace ringfence {

// Where `const` can be written into each of the report's objects, by id; columns count UTF-16 code units. Parses the
// tree at least once where there is a candidate. Writes nothing.
Result<std::map<std::string, std::vector<Place>>> const_places(const LinkedTree &linked, const Report &report,
                                                               const AnalysisOptions &options);

// Writes the files in place, or prints a unified diff where `dry_run`. Returns the exit code.
int run_const_fix(const LinkedTree &linked, const Report &report, const AnalysisOptions &options, bool dry_run);

} // namespace ringfence
