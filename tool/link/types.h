// Static types and type specs, one entity for each PyTypeObject or PyType_Spec by value, alone or in an array.
#pragma once

#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

std::vector<TypeEntity> find_types(const Program &program, const Knowledge &api);

} // namespace ringfence
