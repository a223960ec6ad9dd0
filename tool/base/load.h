// Files that decode to a value: parts, reports, baselines, evidence.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/result.h"

namespace ringfence {

// Reads and decodes a file; the error names it.
template <class Decode>
auto load(const FileSystem &files, const std::string &path, Decode decode) -> decltype(decode(std::string())) {
  return files.read(path).and_then(decode).map_error([&](const Error &error) {
    return error.message.find(path) == std::string::npos ? Error{path + ": " + error.message} : error;
  });
}

} // namespace ringfence
