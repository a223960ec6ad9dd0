// The document around what a manifest lists.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ringfence {

// The text: counts before what is counted, and at the end the digest of all text before it (blob_id), so that a manifest
// which was cut, doubled, reordered or changed is refused by the runtime library.
std::string manifest_text(std::string_view tool_version, std::string_view profile, nlohmann::ordered_json files,
                          nlohmann::ordered_json missing);

} // namespace ringfence
