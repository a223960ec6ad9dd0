// Any bytes as a part of a scan: refused, or a part that survives a round trip.
#include "facts/part.h"
#include "mutate.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const auto part = part_from_bytes({reinterpret_cast<const char *>(data), size});
  if (part)
    REQUIRE_PROPERTY(part_from_bytes(to_bytes(*part)) == *part);
  else
    REQUIRE_PROPERTY(!part.error().message.empty());
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_part(data, size, room, seed);
}
