// What opens a branch that the preprocessor did not take: conditions as extraction writes them, terms joined by &&.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "source/worlds.h"

namespace ringfence {

// Whether the branch is closed in the build and can be open in the world: a term speaks of Python's version, of slots
// that versions add or of the GIL, and no term that is understood is false there. `build_minor`: of the build's Python,
// if known; the build has the GIL.
bool opens(std::string_view condition, const World &world, std::optional<unsigned> build_minor);

// The other system that alone can open the branch: "Windows", "macOS"; empty where none is named.
std::string_view system_of(std::string_view condition);

// Those of the macros without which the branch is closed.
std::set<std::string> opening_macros(std::string_view condition, const std::set<std::string> &macros);

} // namespace ringfence
