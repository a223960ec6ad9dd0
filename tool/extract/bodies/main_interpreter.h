// Conditions that tell whether the code runs for the main interpreter: comparisons with PyInterpreterState_Main(),
// functions that return one, local variables that hold one.
#pragma once

#include <clang/AST/Expr.h>

#include "extract/bodies/local_values.h"
#include "knowledge/knowledge.h"

namespace ringfence {

// Whether the code runs for the main interpreter wherever `condition` has the truth value `value`. Null implies
// nothing. Sees through functions without branches that return such a condition.
bool implies_main_interpreter(const clang::Expr *condition, bool value, const LocalValues &locals,
                              const Knowledge &knowledge);

} // namespace ringfence
