// Paths as text: nothing here asks the file system, symlinks are not resolved.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringfence {

// `path` itself if absolute, else below `directory`; without ".", ".." and doubled slashes, and without a slash at the
// end.
std::string absolute_path(std::string_view path, std::string_view directory);

// Both absolute and normalised. "" for the folder itself; nullopt where the path lies outside the folder.
std::optional<std::string> path_below(std::string_view path, std::string_view folder);

// "/" for "/a" and for "/".
std::string parent_folder(std::string_view path);

// After the last slash.
std::string_view file_name(std::string_view path);

// With its dot: ".c"; empty where there is none. A name that only begins with a dot has none.
std::string_view file_extension(std::string_view path);

} // namespace ringfence
