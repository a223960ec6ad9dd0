// What files get when their variables move to slots of the runtime library.
#pragma once

#include <string>
#include <vector>

#include "rewrite/edits.h"
#include "rewrite/shared_statics.h"
#include "rewrite/statics.h"

namespace ringfence {

// The struct of what one file uses alone, and its RF_STATE.
std::string struct_text(const FileStatics &file, const std::string &slot, const std::string &content);

// What one file does for a group: its header has the struct, its owner the RF_STATE, all the uses. `include`: of
// ringfence.h, as the header says it; empty: the header has it already. `top_level`: the file's declarations.
void edit_shared(const SharedGroup &group, const std::string &slot, const std::string &include, const std::string &path,
                 const std::vector<Span> &top_level, const std::string &content, std::vector<Edit> &edits);

} // namespace ringfence
