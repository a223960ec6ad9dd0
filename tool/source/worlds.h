// Worlds: the Pythons as which a unit is read beside that of its build.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "source/compile_unit.h"

namespace ringfence {

struct World {
  std::string name;   // "3.14", "3.14t"
  unsigned minor = 0; // 14
  bool gil = true;

  bool operator==(const World &) const = default;
};

// "3.14", "3.14t"; nothing for other texts.
std::optional<World> world_from(std::string_view name);

// The newest released Python, with and without the GIL.
std::vector<World> newest_worlds();

struct PythonHeaders {
  unsigned minor = 0;
  std::string folder; // with Python.h
};

// What is installed: the system's and pyenv's. Nothing is run.
std::vector<PythonHeaders> installed_headers(const FileSystem &files);

// The newest headers that are no newer than the world; null where none are.
const PythonHeaders *headers_for(const World &world, const std::vector<PythonHeaders> &installed);

// The unit as that world reads it: with these headers (null: its own) instead of another Python's, and told the version
// (extract/python_names.h).
CompileUnit in_world(CompileUnit unit, const World &world, const PythonHeaders *headers, const FileSystem &files);

} // namespace ringfence
