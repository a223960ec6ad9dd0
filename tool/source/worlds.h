// Worlds: the Pythons as which a unit is read beside that of its build.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/file_system.h"
#include "source/compile_unit.h"

namespace ringfence {

struct World {
  std::string name;   // "3.14", "3.14t"
  unsigned minor = 0; // 14; 0: the build's Python
  bool gil = true;
  std::string abi = {}; // "abi3", "abi3t": with the limited API of that version; empty: with all of it

  bool operator==(const World &) const = default;
  // Older ones first, with the GIL before without it.
  bool operator<(const World &other) const {
    return std::tie(minor, abi, other.gil) < std::tie(other.minor, other.abi, gil);
  }
};

// "3.14", "3.14t", "3.14-abi3", "3.15t-abi3t", "windows"; nothing for other texts.
std::optional<World> world_from(std::string_view name);

// The same Python with the GIL.
World with_gil(const World &world);

// The newest released Python, with and without the GIL.
std::vector<World> newest_worlds();

// The build's Python, with macros that the build may define.
const World &build_macros_world();

// The build's Python on Windows, as MinGW's headers have it.
const World &windows_world();

// Of a unit that is read for Windows.
inline constexpr const char *windows_target = "--target=x86_64-w64-windows-gnu";

// Whether MinGW's headers are installed.
bool has_windows_headers(const FileSystem &files);

// The unit as on Windows: of its search paths those of the tree, the build folder and Python are kept.
CompileUnit in_windows(CompileUnit unit, const std::string &root, const std::string &build, const FileSystem &files);

struct PythonHeaders {
  unsigned minor = 0;
  std::string folder; // with Python.h
};

// What is installed: the system's, pyenv's, conda's and uv's. Nothing is run.
std::vector<PythonHeaders> installed_headers(const FileSystem &files);

// The newest headers that are no newer than the world; null where none are.
const PythonHeaders *headers_for(const World &world, const std::vector<PythonHeaders> &installed);

// The Python, 11 of 3.11, of the first headers of Python that one of the units is read with.
std::optional<unsigned> minor_of_headers(const std::vector<CompileUnit> &units, const FileSystem &files);

// Gives the unit these headers instead of another Python's; false where it has none to replace: its own are as near to
// the world, or CPython's, which have one version.
bool replace_headers(CompileUnit &unit, const World &world, const PythonHeaders &headers, const std::string &root,
                     const FileSystem &files);

// The unit as that world reads it: told the version (extract/parse/python_names.h).
CompileUnit in_world(CompileUnit unit, const World &world);

} // namespace ringfence
