#include "facts/dependencies.h"

#include "base/hash.h"

namespace ringfence {

std::string listing_state(const FileSystem &files, const std::string &path) {
  const auto entries = files.list(path);
  if (!entries)
    return path_absent;
  std::string names;
  for (const DirectoryEntry &entry : *entries)
    names += entry.name + '\0';
  return "/" + hash_hex(names);
}

std::string refused_state(const FileSystem &files, const std::string &path) {
  return "@" + hash_hex(files.real_path(path).value_or(""));
}

} // namespace ringfence
