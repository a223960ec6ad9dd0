// Any text as a rule file and as a table: rules or an error that names the file.
#include "classify/rules/rule.h"
#include "mutate.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  const std::string text(reinterpret_cast<const char *>(data), size);
  for (const char *file : {"RF999-fuzzed.json", "tables/fuzzed.json"}) {
    const auto rules = ringfence::load_rules({{file, text}});
    REQUIRE_PROPERTY(rules || rules.error().message.find(file) != std::string::npos);
  }
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_json(data, size, room, seed);
}
