// What an array of slots in a file's data says of its module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "audit/image.h"

namespace ringfence {

// A claim that a module makes, or why there is none.
enum class Claim {
  not_read, // the definition is not in the file's data: it is made when the module is initialised
  none,     // the definition was read, and says nothing
  denied,   // Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED, Py_MOD_GIL_USED
  shared,   // Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED
  own,      // Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
  no_gil,   // Py_MOD_GIL_NOT_USED
  by_call,  // PyUnstable_Module_SetGIL is called: with what is not read
  by_cffi   // cffi's own module calls it for those that it makes, from 2.0 on
};

enum class SlotLayout {
  module_def, // PyModuleDef_Slot: an int and a pointer
  common      // PySlot of 3.15: id and flags of 2 bytes, 4 bytes of nothing, a value of 8
};

struct ModuleSlots {
  Claim interpreters = Claim::none, gil = Claim::none;
  std::optional<std::int64_t> state_size;
  bool of_a_module = false; // a slot that modules alone have
};

// Nothing where no array that ends lies there, or one that is empty: pybind11 fills it when the module is initialised.
std::optional<ModuleSlots> read_slots(const Image &image, std::uint64_t address, SlotLayout layout);

} // namespace ringfence
