// What the reader is told of headers that were missing or too old, before anything is said of the code.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "link/program.h"
#include "source/source.h"

namespace ringfence {

// "x/y.h" of "'x/y.h' file not found"; empty for others.
std::string missing_header(const Diagnostic &diagnostic);

// Header as included to the packages that have it.
using PackageIndex = std::function<std::vector<std::string>(const std::string &header)>;

// The system's own: what dpkg installed, and apt-file's index where one was fetched.
PackageIndex system_packages();

// Begin with "warning: " (Report::notes) where Python's headers are older than the project allows, or most units were
// not read in full. Then the headers that most units lack, with what would bring each: a build that makes it, a
// submodule that is empty, a package.
std::vector<std::string> notes_on_headers(const std::vector<UnitSummary> &units, const SourceTree &tree,
                                          const std::string &min_python, const FileSystem &files,
                                          const PackageIndex &packages);

} // namespace ringfence
