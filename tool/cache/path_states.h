// Whether the files and folders that cached facts depend on are unchanged.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/file_system.h"
#include "facts/dependencies.h"

namespace ringfence {

// State and path of each in turn, each ended by a zero byte.
std::string to_bytes(const Dependencies &dependencies);

// Looks at each path once, however many units rest on it. Safe to use from several threads.
class PathStates {
public:
  explicit PathStates(const FileSystem &files) : files_(files) {}

  // Dependencies as to_bytes() writes them.
  bool hold(std::string_view dependencies);

private:
  struct SpellingHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  bool holds(const std::string &path, const std::string &state);

  const FileSystem &files_;
  std::mutex mutex_;
  // Entries that were found to hold, as they are written: units of one tree share most of them.
  std::unordered_set<std::string, SpellingHash, std::equal_to<>> held_;
  std::map<std::string, std::string> contents_, listings_, refused_; // path to state, of those asked for
  std::map<std::string, bool> present_;
};

} // namespace ringfence
