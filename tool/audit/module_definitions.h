// Extension modules of a shared library: what their definitions say, read from the file's data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/image.h"
#include "audit/module_slots.h"

namespace ringfence {

enum class BinaryInit { single_phase, multi_phase, export_slots /* PyModExport_*, PEP 793 */, not_read };

struct BinaryModule {
  std::string name; // as in PyInit_NAME
  BinaryInit init = BinaryInit::not_read;
  std::optional<std::int64_t> state_size; // m_size; nothing where the definition is not read
  Claim interpreters = Claim::not_read, gil = Claim::not_read;
};

// By name. A library without any is none that Python imports.
std::vector<BinaryModule> modules_of(const Image &image);

} // namespace ringfence
