// The tables of API names as linking wants them.
#pragma once

#include "classify/api_table.h"
#include "link/api_knowledge.h"

namespace ringfence {

ApiKnowledge link_knowledge(const ApiTables &tables);

} // namespace ringfence
