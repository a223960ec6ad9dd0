// Which systems have a header.
#pragma once

#include <string>

namespace ringfence {

// Whether POSIX, Linux or macOS has this header, and Windows has not: rules/tables/python-names.json.
bool is_of_other_systems(const std::string &header);

} // namespace ringfence
