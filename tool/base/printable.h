// What is printed whole, and holds names of a scanned tree: as escape_terminal() does for one name (base/text.h).
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// Each line by itself; line breaks stay.
std::string escape_lines(std::string_view text);

// JSON in which control characters and those that turn the direction of text stand as \uNNNN: the same values. The
// library that writes JSON leaves those from U+007F on as they are. `json` is UTF-8.
std::string escape_json(std::string json);

} // namespace ringfence
