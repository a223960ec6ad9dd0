// Any text as one of CPython's lists: refused, or given back byte by byte.
#include "gate/cpython_lists.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const std::string text(reinterpret_cast<const char *>(data), size);
  const auto baseline = import_list("ignored.tsv", text);
  if (!baseline)
    return 0;
  std::size_t left_out = 0;
  REQUIRE_PROPERTY(export_lists(*baseline, left_out)["ignored.tsv"] == text); // an empty list gives no file
  REQUIRE_PROPERTY(left_out == 0);
  return 0;
}
