// What stands for names that nothing declares, so that the rest of a table that uses one is read.
#pragma once

#include <cstdint>
#include <string_view>

namespace ringfence {

// Integers in initialisers from here on (extract/parse/python_names.h).
inline constexpr std::int64_t first_unread = 0x52460000;
inline constexpr bool is_unread(std::int64_t integer) {
  return integer >= first_unread && integer <= first_unread + 0xffff;
}

// The name of a slot whose number is one of them.
inline constexpr std::string_view unread_slot = "not read";

} // namespace ringfence
