// Any bytes as a shared object: symbols that lie in sections of their own file, or an error.
#include "manifest/elf_symbols.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  const auto object = read_shared_object("fuzzed.so", std::string(reinterpret_cast<const char *>(data), size));
  if (!object)
    return 0;
  for (const DataSymbol &symbol : object->symbols)
    REQUIRE_PROPERTY(symbol.size > 0 && !symbol.section.empty());
  return 0;
}
