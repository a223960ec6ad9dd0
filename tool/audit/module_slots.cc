#include "audit/module_slots.h"

#include <string>

#include "knowledge/slot_names.h"

namespace ringfence {
namespace {

constexpr int most_slots = 64, deepest = 4;

struct Entry {
  std::uint64_t id, value, size; // size: in bytes
};

std::uint64_t pointer_or_number(const Image &image, std::uint64_t address, std::size_t size) {
  const auto pointer = image.pointers.find(address);
  return pointer != image.pointers.end() ? pointer->second : image.number(address, size).value_or(0);
}

std::optional<Entry> entry_at(const Image &image, std::uint64_t address, SlotLayout layout) {
  const std::size_t word = image.pointer_size();
  if (image.pointers.contains(address))
    return std::nullopt;
  if (layout == SlotLayout::module_def) {
    const auto id = image.number(address, 4);
    return id ? std::optional(Entry{*id, pointer_or_number(image, address + word, word), 2 * word}) : std::nullopt;
  }
  constexpr std::uint64_t all_flags = 0xff;
  const auto id = image.number(address, 2), flags = image.number(address + 2, 2),
             nothing = image.number(address + 4, 4);
  if (!id || flags.value_or(~0u) > all_flags || nothing != 0u)
    return std::nullopt;
  return Entry{*id, pointer_or_number(image, address + 8, 8), 16};
}

Claim interpreters_claim(std::uint64_t value) {
  return value == 0 ? Claim::denied : value == 1 ? Claim::shared : value == 2 ? Claim::own : Claim::not_read;
}

Claim gil_claim(std::uint64_t value) {
  return value == 0 ? Claim::denied : value == 1 ? Claim::no_gil : Claim::not_read;
}

bool read_into(const Image &image, std::uint64_t address, SlotLayout layout, int depth, ModuleSlots &slots) {
  for (int count = 0; count < most_slots; ++count) {
    const auto entry = entry_at(image, address, layout);
    if (!entry)
      return false;
    if (entry->id == 0)
      return count > 0 || depth > 0;
    const std::string name = slot_name(SlotTable::module_def, static_cast<std::int64_t>(entry->id));
    slots.of_a_module |= is_module_slot(name);
    if (name == slot::multiple_interpreters)
      slots.interpreters = interpreters_claim(entry->value);
    else if (name == slot::gil)
      slots.gil = gil_claim(entry->value);
    else if (name == slot::state_size)
      slots.state_size = static_cast<std::int64_t>(entry->value);
    else if (is_nested_slot(name) && depth < deepest) {
      const SlotLayout inner = name == slot::module_slots ? SlotLayout::module_def : SlotLayout::common;
      if (!read_into(image, entry->value, inner, depth + 1, slots))
        return false;
    }
    address += entry->size;
  }
  return false;
}

} // namespace

std::optional<ModuleSlots> read_slots(const Image &image, std::uint64_t address, SlotLayout layout) {
  ModuleSlots slots;
  return read_into(image, address, layout, 0, slots) ? std::optional(slots) : std::nullopt;
}

} // namespace ringfence
