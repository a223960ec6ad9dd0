#include "source/worlds.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace ringfence {
namespace {

constexpr unsigned newest_minor = 14, oldest_minor = 6;

// "14" at the start of the text, which is then without it.
std::optional<unsigned> take_number(std::string_view &text) {
  std::size_t digits = 0;
  unsigned number = 0;
  while (digits < text.size() && digits < 3 && std::isdigit(static_cast<unsigned char>(text[digits])))
    number = number * 10 + static_cast<unsigned>(text[digits++] - '0');
  text.remove_prefix(digits);
  return digits == 0 ? std::nullopt : std::optional(number);
}

// The folders named python3.N, python3.Nm, ... in a folder of headers.
void add_headers(const std::string &include, const FileSystem &files, std::vector<PythonHeaders> &found) {
  constexpr std::string_view prefix = "python3.";
  const auto entries = files.list(include);
  if (!entries)
    return;
  for (const DirectoryEntry &entry : *entries) {
    std::string_view rest = entry.name;
    if (!rest.starts_with(prefix))
      continue;
    rest.remove_prefix(prefix.size());
    const std::string folder = include + "/" + entry.name;
    if (const auto minor = take_number(rest); minor && files.type(folder + "/Python.h") == FileType::regular)
      found.push_back({*minor, folder});
  }
}

bool is_python_folder(const std::string &folder, const FileSystem &files) {
  return files.type(folder + "/Python.h") == FileType::regular &&
         files.type(folder + "/patchlevel.h") == FileType::regular;
}

} // namespace

std::optional<World> world_from(std::string_view name) {
  World world{std::string(name)};
  if (!name.starts_with("3."))
    return std::nullopt;
  name.remove_prefix(2);
  const auto minor = take_number(name);
  if (!minor || *minor < oldest_minor || !(name.empty() || name == "t"))
    return std::nullopt;
  world.minor = *minor;
  world.gil = name.empty();
  return world;
}

std::vector<World> newest_worlds() {
  const std::string version = "3." + std::to_string(newest_minor);
  return {*world_from(version), *world_from(version + "t")};
}

std::vector<PythonHeaders> installed_headers(const FileSystem &files) {
  std::vector<PythonHeaders> found;
  add_headers("/usr/include", files, found);
  add_headers("/usr/local/include", files, found);
  const char *root = std::getenv("PYENV_ROOT");
  const char *home = std::getenv("HOME");
  const std::string pyenv = root ? root : home ? std::string(home) + "/.pyenv" : std::string();
  if (!pyenv.empty())
    if (const auto versions = files.list(pyenv + "/versions"))
      for (const DirectoryEntry &version : *versions)
        add_headers(pyenv + "/versions/" + version.name + "/include", files, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const PythonHeaders &a, const PythonHeaders &b) { return a.minor < b.minor; });
  return found;
}

const PythonHeaders *headers_for(const World &world, const std::vector<PythonHeaders> &installed) {
  const PythonHeaders *best = nullptr;
  for (const PythonHeaders &headers : installed)
    if (headers.minor <= world.minor && (!best || headers.minor > best->minor))
      best = &headers;
  return best;
}

CompileUnit in_world(CompileUnit unit, const World &world, const PythonHeaders *headers, const FileSystem &files) {
  unit.id += "@" + world.name;
  unit.config = world.name;
  for (std::size_t i = 0; headers && i < unit.arguments.size(); ++i) {
    std::string &argument = unit.arguments[i];
    if (argument.starts_with("-I") && is_python_folder(argument.substr(2), files))
      argument = "-I" + headers->folder;
    else if (i > 0 && unit.arguments[i - 1].starts_with("-i") && is_python_folder(argument, files))
      argument = headers->folder;
  }
  char version[64];
  std::snprintf(version, sizeof version, "-DRINGFENCE_PYTHON=0x03%02X00F0", world.minor);
  unit.arguments.emplace_back(version);
  if (!world.gil)
    unit.arguments.emplace_back("-DPy_GIL_DISABLED=1");
  return unit;
}

} // namespace ringfence
