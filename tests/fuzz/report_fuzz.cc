// Any text as a report of another run: an error that says what is wrong, or a report that is written and read again.
#include "mutate.h"
#include "report/json_read.h"
#include "report/json_write.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const auto report = report_from_json({reinterpret_cast<const char *>(data), size});
  if (report)
    REQUIRE_PROPERTY(report_from_json(to_json(*report)));
  else
    REQUIRE_PROPERTY(!report.error().message.empty());
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_json(data, size, room, seed);
}
