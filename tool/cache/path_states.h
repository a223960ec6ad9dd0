// Whether the paths that facts rest on are as they were.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/file_system.h"
#include "facts/dependencies.h"

namespace ringfence {

// Looks at each path once, however many units rest on it. Safe to use from several threads.
class PathStates {
public:
  explicit PathStates(const FileSystem &files) : files_(files) {}

  bool hold(const Dependencies &dependencies);

private:
  bool holds(const std::string &path, const std::string &state);

  const FileSystem &files_;
  std::mutex mutex_;
  std::map<std::string, std::string> contents_, listings_; // path to state, of those asked for
  std::map<std::string, bool> present_;
};

} // namespace ringfence
