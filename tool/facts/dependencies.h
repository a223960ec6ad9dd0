// What the facts of a unit rest on besides its arguments: every path that the parser asked for, and what was there.
#pragma once

#include <map>
#include <string>

#include "base/file_system.h"

namespace ringfence {

// Absolute path to the state in which the parser found it:
//   a hash     the content that was read (hash_hex)
//   "/" hash   the names in a directory that was listed
//   "+"        something, whose content was not asked for
//   "-"        nothing, or nothing that can be read
//   "@" and a hash  it was not opened for where it leads to: the hash is of its path without links
//   "?"        it changed while it was read: facts that rest on it hold for this run alone
using Dependencies = std::map<std::string, std::string>;

inline constexpr const char *path_present = "+";
inline constexpr const char *path_absent = "-";
inline constexpr const char *path_changing = "?";

// The state of a directory that was listed; path_absent where it cannot be.
std::string listing_state(const FileSystem &files, const std::string &path);
// The state of a file that is not opened for the place that it leads to.
std::string refused_state(const FileSystem &files, const std::string &path);

} // namespace ringfence
