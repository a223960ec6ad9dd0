// Extension modules of a shared library: what their definitions say, read from the file's data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/image.h"

namespace ringfence {

enum class BinaryInit { single_phase, multi_phase, export_slots /* PyModExport_*, PEP 793 */, not_read };

// A claim that a module makes, or why there is none.
enum class Claim {
  not_read, // the definition is not in the file's data: it is made when the module is initialised
  none,     // the definition was read, and says nothing
  denied,   // Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED, Py_MOD_GIL_USED
  shared,   // Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED
  own,      // Py_MOD_PER_INTERPRETER_GIL_SUPPORTED
  no_gil,   // Py_MOD_GIL_NOT_USED
  by_call   // PyUnstable_Module_SetGIL is called: with what is not read
};

struct BinaryModule {
  std::string name; // as in PyInit_NAME
  BinaryInit init = BinaryInit::not_read;
  std::optional<std::int64_t> state_size; // m_size; nothing where the definition is not read
  Claim interpreters = Claim::not_read, gil = Claim::not_read;
};

// By name. A library without any is none that Python imports.
std::vector<BinaryModule> modules_of(const Image &image);

} // namespace ringfence
