// Text that comes from a scanned tree made safe for what shows it.
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// Valid UTF-8: each byte that is part of no valid sequence becomes the four characters "\xHH" (upper-case digits), all
// else stays.
std::string escape_invalid_utf8(std::string_view bytes);

// The same, and every control character (C0, DEL, C1) and bidirectional override becomes "\xHH" or "\u{HHHH}" too, so
// that no source file can drive a terminal. A tab becomes a space.
std::string escape_for_terminal(std::string_view bytes);

} // namespace ringfence
