// JSON is UTF-8, file names are bytes. A byte that is not UTF-8 travels through the JSON library as a character of the
// last private plane (U+10FF80 to U+10FFFF).
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

std::string bytes_to_characters(std::string_view bytes);

// The inverse. Precondition: valid UTF-8.
std::string characters_to_bytes(std::string_view text);

} // namespace ringfence
