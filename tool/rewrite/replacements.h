// Edits as clang-apply-replacements reads them.
#pragma once

#include <map>
#include <string>

#include "rewrite/edits.h"

namespace ringfence {

// A YAML document; `edits` by absolute path, of files that exist.
std::string replacements_yaml(const std::map<std::string, std::vector<Edit>> &edits);

} // namespace ringfence
