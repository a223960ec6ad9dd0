#include "audit/module_definitions.h"

#include <algorithm>

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

// Ids and values of slots: Include/moduleobject.h, 3.12 and 3.13.
void read_claims(const Image &image, std::uint64_t slots, BinaryModule &module) {
  enum { end = 0, multiple_interpreters = 3, gil = 4, most = 64 };
  const std::size_t word = image.pointer_size();
  module.interpreters = module.gil = Claim::none;
  for (std::uint64_t entry = slots, count = 0; slots != 0; entry += 2 * word, ++count) {
    const auto id = image.number(entry, 4);
    if (!id || count == most) {
      module.interpreters = module.gil = Claim::not_read;
      return;
    }
    if (*id == end)
      return;
    const std::uint64_t value = image.number(entry + word, word).value_or(0);
    if (*id == multiple_interpreters)
      module.interpreters = value == 0   ? Claim::denied
                            : value == 1 ? Claim::shared
                            : value == 2 ? Claim::own
                                         : Claim::not_read;
    else if (*id == gil)
      module.gil = value == 0 ? Claim::denied : value == 1 ? Claim::no_gil : Claim::not_read;
  }
}

BinaryInit init_kind(const Image &image, const Definition *definition) {
  if (definition && definition->slots != 0)
    return BinaryInit::multi_phase;
  const bool multi = image.imports_any(multi_phase_calls);
  const bool single = image.imports_any(single_phase_calls);
  if (multi == single)
    return definition && single ? BinaryInit::single_phase : BinaryInit::not_read;
  return multi ? BinaryInit::multi_phase : BinaryInit::single_phase;
}

std::string_view last_part(std::string_view dotted) { return dotted.substr(dotted.rfind('.') + 1); }

// The definition of a module: that of its name; else, where the file has one module, the only one (with slots), for a
// module may give its definition another name, as _decimal does.
const Definition *definition_of(std::string_view module, const std::vector<Definition> &definitions, bool alone) {
  const Definition *with_slots = nullptr;
  int count = 0;
  for (const Definition &definition : definitions) {
    if (last_part(definition.name) == module)
      return &definition;
    if (definition.slots != 0) {
      with_slots = &definition;
      ++count;
    }
  }
  if (!alone)
    return nullptr;
  return count == 1 ? with_slots : definitions.size() == 1 ? &definitions.front() : nullptr;
}

} // namespace

std::vector<BinaryModule> modules_of(const Image &image) {
  std::vector<BinaryModule> modules;
  for (const std::string_view name : image.exports) {
    if (const std::optional<InitName> known = init_name(name))
      modules.push_back({std::string(known->module),
                         known->exports_slots ? BinaryInit::export_slots : BinaryInit::not_read,
                         {},
                         Claim::not_read,
                         Claim::not_read});
  }
  if (modules.empty())
    return modules;
  const std::vector<Definition> definitions = definitions_of(image);
  for (BinaryModule &module : modules) {
    if (module.init == BinaryInit::export_slots)
      continue;
    const Definition *definition = definition_of(module.name, definitions, modules.size() == 1);
    module.init = init_kind(image, definition);
    if (definition) {
      module.state_size = definition->size;
      read_claims(image, definition->slots, module);
    }
    if (module.gil != Claim::no_gil && image.imports_any(gil_calls))
      module.gil = Claim::by_call;
  }
  std::ranges::sort(modules, {}, &BinaryModule::name);
  const auto same = std::ranges::unique(modules, {}, &BinaryModule::name); // PyInit_ beside PyModExport_
  modules.erase(same.begin(), same.end());
  return modules;
}

} // namespace ringfence
