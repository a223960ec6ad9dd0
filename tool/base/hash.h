// Content hashes: stable over machines and versions of ringfence, not meant against an attacker.
#pragma once

#include <string>
#include <string_view>

namespace ringfence {

// XXH3 128-bit digest of the bytes: 32 lower-case hex digits, big end first.
std::string hash_hex(std::string_view bytes);

// What `git hash-object` prints of the bytes, 40 hex digits: for files that other programs check, too.
std::string blob_id(std::string_view bytes);

} // namespace ringfence
