// The slots of a type, and the functions of the project in them.
#pragma once

#include <string_view>

#include "classify/index/program_index.h"
#include "knowledge/slot_names.h"

namespace ringfence {

// Null where the type does not set the slot.
const Slot *find_slot(const ProgramIndex &index, Index type, std::string_view name);

// The project's own function in a slot; none where the slot is not set or holds one from elsewhere.
Index own_function(const ProgramIndex &index, Index type, std::string_view slot_name);

} // namespace ringfence
