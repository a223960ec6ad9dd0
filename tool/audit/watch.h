// A manifest for the runtime library's watch from a file's symbols alone: all data that a process may change, unjudged.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ringfence {

// Fails where the file names no such data (it is stripped), or is no ELF file. Schema: rules/manifest.schema.json.
Result<std::string> watch_manifest(const std::string &file, std::string bytes, std::string_view tool_version);

} // namespace ringfence
