#include "audit/module_definitions.h"

#include <algorithm>

#include "audit/code_references.h"
#include "knowledge/api_names.h"
#include "knowledge/binary_marks.h"

namespace ringfence {
namespace {

// A PyModuleDef in the file's data (Include/moduleobject.h): after the head of an object come m_init, m_index and
// m_copy, which are zero before the first import, then name, doc, size, methods and slots.
struct Definition {
  std::string_view name;
  std::int64_t size;
  std::uint64_t slots; // 0: none
};

bool is_module_name(std::string_view name) {
  const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c < 0; };
  return !name.empty() && std::ranges::all_of(name, word) && !std::isdigit(static_cast<unsigned char>(name[0]));
}

std::int64_t as_signed(std::uint64_t number, std::size_t size) {
  return size == 4 ? static_cast<std::int32_t>(number) : static_cast<std::int64_t>(number);
}

// Whether a reference count stands before the four zero words that precede the name: that of an object with a GIL, or
// without one, where ob_ref_local (4 bytes, all ones) is followed by ob_ref_shared.
bool has_object_head(const Image &image, std::uint64_t name_at) {
  const std::size_t word = image.pointer_size();
  for (std::size_t back = 1; back <= 4; ++back)
    if (image.pointers.contains(name_at - back * word) || image.number(name_at - back * word, word).value_or(1) != 0)
      return false;
  const std::uint64_t head = name_at - 5 * word;
  if (image.pointers.contains(head))
    return false;
  return image.number(head, word).value_or(0) != 0 || image.number(head - 4, 4) == 0xffffffffu;
}

// The pointer at an address: nothing where neither a pointer nor zero stands there.
std::optional<std::uint64_t> pointer_or_null(const Image &image, std::uint64_t address) {
  if (const auto pointer = image.pointers.find(address); pointer != image.pointers.end())
    return pointer->second;
  return image.number(address, image.pointer_size()) == 0u ? std::optional<std::uint64_t>(0) : std::nullopt;
}

std::optional<Definition> definition_at(const Image &image, std::uint64_t name_at, std::uint64_t name) {
  const std::size_t word = image.pointer_size();
  if (!has_object_head(image, name_at))
    return std::nullopt;
  const auto text = image.text(name);
  const auto size = image.number(name_at + 2 * word, word);
  const auto slots = pointer_or_null(image, name_at + 4 * word);
  if (!text || !is_module_name(*text) || !size || !slots || !pointer_or_null(image, name_at + word) ||
      !pointer_or_null(image, name_at + 3 * word))
    return std::nullopt;
  // A table of methods behind four zero words has names where slots are looked for: the id of a slot is a small number.
  if (*slots != 0 && image.number(*slots, 4).value_or(~0u) > 0xffff)
    return std::nullopt;
  const std::int64_t state = as_signed(*size, word);
  if (state < -1 || state > std::int64_t{1} << 30)
    return std::nullopt;
  return Definition{*text, state, *slots};
}

std::vector<Definition> definitions_of(const Image &image) {
  std::vector<Definition> definitions;
  for (const auto &[place, target] : image.pointers)
    if (const auto definition = definition_at(image, place, target))
      definitions.push_back(*definition);
  return definitions;
}

// The first definition whose address the code of an init function names: its name stands behind the head of an object,
// of 2 words with a GIL and of 4 without, and three words more.
std::optional<Definition> definition_named_by(const Image &image, const ImageExport &init) {
  for (const std::uint64_t address : addresses_named_by(image, init))
    for (const std::uint64_t words : {5, 7}) {
      const auto name = image.pointers.find(address + words * image.pointer_size());
      if (name == image.pointers.end())
        continue;
      if (const auto definition = definition_at(image, name->first, name->second))
        return definition;
    }
  return std::nullopt;
}

void take(const std::optional<ModuleSlots> &slots, BinaryModule &module) {
  if (!slots)
    return;
  module.interpreters = slots->interpreters;
  module.gil = slots->gil;
  if (slots->state_size)
    module.state_size = slots->state_size;
}

// In a library that Python is part of, the makers are its own, not imports.
BinaryInit init_kind(const Image &image, const Definition *definition) {
  if (definition && definition->slots != 0)
    return BinaryInit::multi_phase;
  const bool multi = image.imports_any(multi_phase_calls) || image.exports_any(multi_phase_calls);
  const bool single = image.imports_any(single_phase_calls) || image.exports_any(single_phase_calls);
  if (multi == single)
    return definition && single ? BinaryInit::single_phase : BinaryInit::not_read;
  return multi ? BinaryInit::multi_phase : BinaryInit::single_phase;
}

std::string_view last_part(std::string_view dotted) { return dotted.substr(dotted.rfind('.') + 1); }

// The definition of a module: the one that its init function names; else that of its name; else, where the file has one
// module, the only one (with slots), for a module may give its definition another name, as _decimal does.
std::optional<Definition> definition_of(const Image &image, std::string_view module, const ImageExport &init,
                                        const std::vector<Definition> &definitions, bool alone) {
  if (const auto named = definition_named_by(image, init))
    return named;
  std::optional<Definition> with_slots;
  int count = 0;
  for (const Definition &definition : definitions) {
    if (last_part(definition.name) == module)
      return definition;
    if (definition.slots != 0) {
      with_slots = definition;
      ++count;
    }
  }
  if (!alone)
    return std::nullopt;
  return count == 1 ? with_slots : definitions.size() == 1 ? std::optional(definitions.front()) : std::nullopt;
}

void read_definition(const Image &image, const std::optional<Definition> &definition, BinaryModule &module) {
  module.init = init_kind(image, definition ? &*definition : nullptr);
  if (definition) {
    module.state_size = definition->size;
    take(definition->slots ? read_slots(image, definition->slots, SlotLayout::module_def) : ModuleSlots(), module);
  }
  if (module.gil != Claim::no_gil && image.imports_any(gil_calls))
    module.gil = Claim::by_call;
  else if (module.init == BinaryInit::single_phase && image.exports_any(gil_calls))
    module.gil = Claim::not_read;
}

// PyModExport_* gives slots: those that its code names.
void read_exported_slots(const Image &image, const ImageExport &function, BinaryModule &module) {
  module.init = BinaryInit::export_slots;
  for (const std::uint64_t address : addresses_named_by(image, function))
    if (const auto slots = read_slots(image, address, SlotLayout::common); slots && slots->of_a_module)
      return take(slots, module);
}

} // namespace

std::vector<BinaryModule> modules_of(const Image &image) {
  struct Init {
    InitName name;
    ImageExport function;
  };
  std::vector<Init> inits;
  for (const auto &[name, function] : image.exports)
    if (const std::optional<InitName> known = init_name(name))
      inits.push_back({*known, function});
  if (inits.empty())
    return {};
  std::vector<BinaryModule> modules;
  const std::vector<Definition> definitions = definitions_of(image);
  for (const Init &init : inits) {
    BinaryModule &module = modules.emplace_back();
    module.name = init.name.module;
    if (init.name.exports_slots)
      read_exported_slots(image, init.function, module);
    else
      read_definition(image, definition_of(image, module.name, init.function, definitions, inits.size() == 1), module);
  }
  // Where a file has PyInit_ for old Pythons and PyModExport_ for new ones, the second is what it is moving to.
  std::ranges::sort(modules, {}, [](const BinaryModule &module) {
    return std::pair(std::string_view(module.name), module.init != BinaryInit::export_slots);
  });
  const auto same = std::ranges::unique(modules, {}, &BinaryModule::name);
  modules.erase(same.begin(), same.end());
  return modules;
}

} // namespace ringfence
