// Any text as what a run observed: observations or an error that says what is wrong.
#include "classify/observations.h"
#include "mutate.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  const auto all = ringfence::observations_from_json({reinterpret_cast<const char *>(data), size});
  REQUIRE_PROPERTY(all || !all.error().message.empty());
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_json(data, size, room, seed);
}
