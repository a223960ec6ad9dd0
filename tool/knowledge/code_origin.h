// Whose code a file is, by the names that projects give to folders and files.
#pragma once

#include <string_view>

namespace ringfence {

// Of root-relative paths.
bool is_vendored_code(std::string_view path);
bool is_test_code(std::string_view path);

} // namespace ringfence
