// Any text as a baseline: an error, or rows that are the same after they were written.
#include "gate/baseline.h"
#include "mutate.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const auto baseline = baseline_from_text({reinterpret_cast<const char *>(data), size});
  if (!baseline) {
    REQUIRE_PROPERTY(!baseline.error().message.empty());
    return 0;
  }
  const std::string text = to_text(*baseline);
  const auto again = baseline_from_text(text);
  REQUIRE_PROPERTY(again && to_text(*again) == text);
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_json_lines(data, size, room, seed);
}
