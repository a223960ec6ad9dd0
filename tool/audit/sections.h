// Sections of ELF files whose data a process may change.
#pragma once

#include <string_view>

namespace ringfence {

// Not what the loader seals after relocation.
inline bool is_writable_section(std::string_view name) {
  return (name.starts_with(".data") && !name.starts_with(".data.rel.ro")) || name.starts_with(".bss") ||
         name == ".tdata" || name == ".tbss";
}

} // namespace ringfence
