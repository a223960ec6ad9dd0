// Content hashes: stable over machines and versions of ringfence, not meant against an attacker.
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// XXH3 128-bit digest of the bytes: 32 lower-case hex digits, big end first.
std::string hash_hex(std::string_view bytes);

} // namespace ringfence
