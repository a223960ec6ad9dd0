#include "classify/predicates/standing.h"

#include "classify/index/generator.h"
#include "report/names.h"

namespace ringfence {

bool at_risk(const ProgramIndex &index, const Verdicts &verdicts, Index object, const std::string &profile,
             Risk least) {
  const auto named = from_word<Profile>(profile);
  return named && object < verdicts.objects.size() && in_inventory(index.program.objects[object]) &&
         risk_of(verdicts.objects[object].risk, *named) >= least &&
         !made_by_generator(index.tables, verdicts.objects[object]);
}

} // namespace ringfence
