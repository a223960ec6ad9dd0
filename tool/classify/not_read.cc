#include "classify/not_read.h"

#include <algorithm>

#include "facts/unread.h"

namespace ringfence {
namespace {

std::string at(const Context &context, const Location &location, const std::string &text) {
  const Place place = context.place(location);
  return place.file.empty() ? text : place.file + ":" + std::to_string(place.line) + ": " + text;
}

std::string table_not_read(const Context &context, const Module &module) {
  for (const Slot &slot : module.slots)
    if (slot.name == unread_slot || is_unread(slot.integer))
      return at(context, slot.location, "a slot's number or value is a name that nothing declares");
  return {};
}

std::string unit_not_read(const Context &context, const Module &module) {
  for (const UnitSummary &unit : context.program.units) {
    if (unit.status == UnitStatus::complete ||
        std::find(module.units.begin(), module.units.end(), unit.id) == module.units.end())
      continue;
    return unit.diagnostics.empty() ? unit.file + ": not read in full"
                                    : at(context, unit.diagnostics.front().location, unit.diagnostics.front().message);
  }
  return {};
}

std::string branch_not_read(const Context &context, const Module &module, const std::string &slot) {
  for (const Inactive &inactive : context.program.inactive)
    if (inactive.name == slot && inactive.location.file == module.location.file)
      return at(context, inactive.location, slot + " stands where " + inactive.condition);
  return {};
}

} // namespace

std::string not_read(const Context &context, const Module &module, const std::string &slot) {
  std::string reason = table_not_read(context, module);
  if (reason.empty())
    reason = branch_not_read(context, module, slot);
  return reason.empty() ? unit_not_read(context, module) : reason;
}

} // namespace ringfence
