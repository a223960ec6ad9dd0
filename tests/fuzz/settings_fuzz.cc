// Any text as a project's settings: values or an error that names the file.
#include "require.h"
#include "settings/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  for (const char *file : {"/p/ringfence.toml", "/p/pyproject.toml"}) {
    const ringfence::MemoryFileSystem files(std::map<std::string, std::string>{{file, text}});
    const auto settings = ringfence::find_settings("/p", files);
    REQUIRE_PROPERTY(settings || settings.error().message.find(file) != std::string::npos);
  }
  return 0;
}
