// A module's claim that it needs no GIL, made by a call: multi-phase init has a slot for it.
#pragma once

#include <optional>
#include <string>

#include "extract/spans/span.h"

namespace ringfence {

struct GilClaim {
  Span conditional;      // with its directives
  std::string condition; // "#ifdef Py_GIL_DISABLED"
  std::string value;     // "Py_MOD_GIL_NOT_USED"
};

// The claim in a function's body; none where there is no call or more than one, or it is not alone in a conditional
// without other branches.
std::optional<GilClaim> gil_claim(const std::string &text, const Span &body);

} // namespace ringfence
