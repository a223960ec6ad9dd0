// The addresses of data that a function's first instructions name: what an init function hands to Python. No disassembler:
// the few forms in which position-independent code for x86-64 and 64-bit ARM takes an address are looked for.
#pragma once

#include <cstdint>
#include <vector>

#include "audit/image.h"

namespace ringfence {

// In the order of the code. Empty for other machines. Bytes that only look like such an instruction give addresses too:
// the caller asks whether something is there.
std::vector<std::uint64_t> addresses_named_by(const Image &image, const ImageExport &function);

} // namespace ringfence
