// Any bytes as a shared library of any platform, and as a wheel: modules with answers, or an error.
#include "audit/answer.h"
#include "audit/wheel.h"
#include "report/names.h"
#include "require.h"

namespace {

void read(std::string_view bytes) {
  using namespace ringfence;
  const auto image = read_image(bytes);
  if (!image)
    return;
  for (const BinaryModule &module : modules_of(*image))
    for (const Profile profile : all_profiles)
      REQUIRE_PROPERTY(!answer(module, "", profile).reason.empty());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const std::string_view bytes(reinterpret_cast<const char *>(data), size);
  (void)read_wheel(bytes, [](const std::string &, std::string_view library) { read(library); });
  read(bytes);
  return 0;
}
