// Whether a unit's text means the same where it is included by another file as where it is the main file of a parse.
#pragma once

#include <clang/Lex/Preprocessor.h>

#include "extract/parse/file_table.h"

namespace ringfence {

// Sets `same_as_plain` to false when the preprocessor meets what tells the two apart: how deep a file is included,
// #include_next and the pragmas that mean nothing in a main file.
void detect_main_file_dependence(clang::Preprocessor &preprocessor, const FileTable &files, bool &same_as_plain);

} // namespace ringfence
