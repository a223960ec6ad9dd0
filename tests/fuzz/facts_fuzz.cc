// Any bytes as stored facts: refused, or facts that survive a round trip, and that are linked and judged to a report that is
// written and read.
#include "base/file_system.h"
#include "classify/classify.h"
#include "facts/codec.h"
#include "link/link.h"
#include "mutate.h"
#include "report/json_read.h"
#include "report/json_write.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace ringfence;
  static const RuleSet rules = load_rules(RINGFENCE_RULES, DiskFileSystem()).value();
  auto facts = decode({reinterpret_cast<const char *>(data), size});
  if (!facts)
    return 0;
  REQUIRE_PROPERTY(decode(encode(*facts)) == *facts);
  Linker linker(rules.tables);
  linker.add(std::move(*facts));
  const Program program = std::move(linker).link({});
  REQUIRE_PROPERTY(report_from_json(to_json(classify(program, rules, {}))));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char *data, std::size_t size, std::size_t room, unsigned seed) {
  return ringfence::fuzz::mutate_facts(data, size, room, seed);
}
