// What a comment or an annotation allows.
#pragma once

#include <vector>

#include <llvm/ADT/StringRef.h>

#include "facts/facts.h"

namespace ringfence {

inline constexpr llvm::StringLiteral allowance_marker = "ringfence:";

// "ringfence: allow RULE[,RULE...] reason": adds an allowance as `about` (place and subject) for each rule of the text.
void add_allowances(llvm::StringRef text, const Allowance &about, std::vector<Allowance> &allowances);

} // namespace ringfence
