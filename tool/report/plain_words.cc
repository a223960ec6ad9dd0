#include "report/plain_words.h"

#include <algorithm>
#include <string>

#include "report/names.h"

namespace ringfence {
namespace {

// Whether a unit or source file of the module's folder, or below it, was not read in full.
bool read_in_part(const Report &report, const ReportedModule &module) {
  const std::string folder = module.place.file.substr(0, module.place.file.rfind('/') + 1);
  return std::ranges::any_of(report.units,
                             [&](const ReportedUnit &unit) {
                               return unit.status != UnitStatus::complete && unit.file.starts_with(folder);
                             }) ||
         std::ranges::any_of(report.accounting.uncovered,
                             [&](const std::string &file) { return file.starts_with(folder); });
}

} // namespace

std::string_view to_string(PlainWord word) {
  switch (word) {
  case PlainWord::unsafe:
    return "unsafe";
  case PlainWord::incomplete:
    return "incomplete";
  case PlainWord::unclaimed:
    return "unclaimed";
  case PlainWord::refused:
    return "refused";
  case PlainWord::ok:
    return "ok";
  }
  return {};
}

std::string_view meaning_of(PlainWord word) {
  switch (word) {
  case PlainWord::unsafe:
    return "loads there, and breaks";
  case PlainWord::incomplete:
    return "nothing found against it, but not all of its code was read";
  case PlainWord::unclaimed:
    return "does not say whether it works there";
  case PlainWord::refused:
    return "says that it does not work there";
  case PlainWord::ok:
    return "works there";
  }
  return {};
}

PlainWord plain_word(const Report &report, const ReportedModule &module, Profile profile) {
  const auto found = module.verified.find(std::string(to_string(profile)));
  if (found == module.verified.end() || found->second.verdict == ClaimVerdict::missing)
    return PlainWord::unclaimed;
  const ReportedModule::Verification &claim = found->second;
  if (claim.verdict == ClaimVerdict::not_read)
    return PlainWord::incomplete;
  if (claim.verdict == ClaimVerdict::refuted)
    return PlainWord::unsafe;
  // A denial that holds has objects as its reason; one without could claim more.
  if (claim.verdict == ClaimVerdict::could_claim_more || !claim.refuted_by.empty())
    return PlainWord::refused;
  return read_in_part(report, module) ? PlainWord::incomplete : PlainWord::ok;
}

} // namespace ringfence
