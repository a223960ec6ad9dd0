// The runtime library's source beside a migrated one in the lists of build files.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ringfence {

// The build file's text with `added` in each list that has `source`, both relative to the file's folder: after a quoted
// path or an os.path.join of its parts in setup.py, pyproject.toml and meson.build, after a word in CMakeLists.txt.
// nullopt where no list has the source in a plain form; unchanged where each has `added` already.
std::optional<std::string> with_source(const std::string &build_file, const std::string &text,
                                       const std::string &source, const std::string &added);

// Names of the files that it knows.
const std::vector<std::string> &build_file_names();

} // namespace ringfence
