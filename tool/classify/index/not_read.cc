#include "classify/index/not_read.h"

#include <algorithm>

#include "facts/unread.h"

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

std::string branch_not_read(const ProgramIndex &index, const Module &module, const std::string &slot) {
  for (const Inactive &inactive : index.program.inactive)
    if (inactive.name == slot && inactive.location.file == module.location.file)
      return at(index, inactive.location, slot + " stands where " + inactive.condition);
  return {};
}

} // namespace

std::string not_read(const ProgramIndex &index, const Module &module, const std::string &slot) {
  std::string reason = table_not_read(index, module);
  if (reason.empty())
    reason = branch_not_read(index, module, slot);
  return reason.empty() ? unit_not_read(index, module) : reason;
}

} // namespace ringfence
