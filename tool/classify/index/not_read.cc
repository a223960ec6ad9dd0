#include "classify/index/not_read.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "facts/unread.h"
#include "knowledge/api_names.h"

namespace ringfence {
namespace {

std::string at(const ProgramIndex &index, const Location &location, const std::string &text) {
  const Place place = index.place(location);
  return place.file.empty() ? text : place.file + ":" + std::to_string(place.line) + ": " + text;
}

std::string table_not_read(const ProgramIndex &index, const Module &module) {
  for (const Slot &slot : module.slots)
    if (slot.name == unread_slot || is_unread(slot.integer))
      return at(index, slot.location, "a slot's number or value is a name that nothing declares");
  return {};
}

std::string unit_not_read(const ProgramIndex &index, const Module &module) {
  for (const UnitSummary &unit : index.program.units) {
    if (unit.status == UnitStatus::complete ||
        std::find(module.units.begin(), module.units.end(), unit.id) == module.units.end())
      continue;
    return unit.diagnostics.empty() ? unit.file + ": not read in full"
                                    : at(index, unit.diagnostics.front().location, unit.diagnostics.front().message);
  }
  return {};
}

// "Py_VERSION_HEX" in a condition is never defined: "PY_VERSION_HEX" is.
std::string misspelt(const std::string &condition) {
  for (const std::string_view word : version_words) {
    const auto found = std::search(condition.begin(), condition.end(), word.begin(), word.end(),
                                   [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    const std::string_view written(condition.data() + (found - condition.begin()),
                                   found == condition.end() ? 0 : word.size());
    if (!written.empty() &&
        std::find(std::begin(version_words), std::end(version_words), written) == std::end(version_words))
      return ": no Python defines " + std::string(written) + ", " + std::string(word) + " is meant";
  }
  return {};
}

std::string branch_not_read(const ProgramIndex &index, const Module &module, const std::string &slot) {
  for (const Inactive &inactive : index.program.inactive)
    if (inactive.name == slot && inactive.location.file == module.location.file)
      return at(index, inactive.location, slot + " stands where " + inactive.condition + misspelt(inactive.condition));
  return {};
}

} // namespace

std::string init_not_read(const ProgramIndex &index, const Module &module) {
  const bool unknown = module.init == InitKind::none && module.init_function != none && module.definition != none;
  return unknown ? at(index, module.location, "which call makes the module was not seen") : std::string();
}

std::string not_read(const ProgramIndex &index, const Module &module, const std::string &slot) {
  std::string reason = table_not_read(index, module);
  if (reason.empty())
    reason = branch_not_read(index, module, slot);
  return reason.empty() ? unit_not_read(index, module) : reason;
}

} // namespace ringfence
