// Any bytes as stored facts: refused, or facts that survive a round trip.
#include "facts/codec.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const auto facts = decode({reinterpret_cast<const char *>(data), size});
  if (facts)
    REQUIRE_PROPERTY(decode(encode(*facts)) == *facts);
  return 0;
}
