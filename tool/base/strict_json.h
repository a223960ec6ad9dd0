// JSON that people and other programs hand over. Refused: what nests so deeply that whoever walks it runs out of stack,
// and an object that has a key twice, of which one would be passed over.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace ringfence {

inline constexpr int deepest_json = 64;

// The error says what is wrong, not in which file.
Result<nlohmann::json> parse_json(std::string_view text);

// The same for CBOR.
Result<nlohmann::json> parse_cbor(std::string_view bytes);

} // namespace ringfence
