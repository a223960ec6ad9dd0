// Facts to bytes and back: for the cache and for the halves of a scan that run on different machines.
//
// Layout: "RFFACTS", one byte of format version, the hex digest of the payload, the payload. In the payload integers
// are LEB128 (signed ones zigzag), lists are preceded by their length, and a string that came before is its number.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "facts/facts.h"

namespace ringfence {

std::string encode(const TuFacts &facts);

// Refuses other versions, damaged or truncated bytes, and facts that refer beyond their own lists. Never reads outside
// of `bytes` nor allocates more than a multiple of their size.
Result<TuFacts> decode(std::string_view bytes);

} // namespace ringfence
