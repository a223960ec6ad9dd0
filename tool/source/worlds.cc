#include "source/worlds.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

constexpr unsigned newest_minor = RINGFENCE_NEWEST_PYTHON, oldest_minor = 6, first_abi3t = 15;

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

// Of the Python whose headers these are.
std::optional<unsigned> minor_in(const std::string &folder, const FileSystem &files) {
  const std::string text = files.read(folder + "/patchlevel.h").value_or("");
  constexpr std::string_view name = "PY_MINOR_VERSION";
  const std::size_t at = text.find(name);
  std::string_view rest = trim(std::string_view(text).substr(at == std::string::npos ? text.size() : at + name.size()));
  return take_number(rest);
}

} // namespace

std::optional<World> world_from(std::string_view name) {
  if (name == windows_world().name)
    return windows_world();
  World world{std::string(name)};
  if (!name.starts_with("3."))
    return std::nullopt;
  name.remove_prefix(2);
  const auto minor = take_number(name);
  if (!minor || *minor < oldest_minor)
    return std::nullopt;
  world.minor = *minor;
  world.gil = !name.starts_with('t');
  name.remove_prefix(world.gil ? 0 : 1);
  if (name == "-abi3" || (name == "-abi3t" && *minor >= first_abi3t))
    world.abi = name.substr(1);
  else if (!name.empty())
    return std::nullopt;
  return world;
}

World with_gil(const World &world) {
  return *world_from("3." + std::to_string(world.minor) + (world.abi.empty() ? "" : "-" + world.abi));
}

std::vector<World> newest_worlds() {
  const std::string version = "3." + std::to_string(newest_minor);
  return {*world_from(version), *world_from(version + "t")};
}

const World &build_macros_world() {
  static const World world{"build-macros"};
  return world;
}

const World &windows_world() {
  static const World world{"windows"};
  return world;
}

bool has_windows_headers(const FileSystem &files) {
  return files.type("/usr/x86_64-w64-mingw32/include/windows.h") == FileType::regular ||
         files.type("/usr/share/mingw-w64/include/windows.h") == FileType::regular;
}

CompileUnit in_windows(CompileUnit unit, const std::string &root, const std::string &build, const FileSystem &files) {
  const std::string folder = unit.directory;
  const auto is_foreign = [&](const std::string &path) {
    const std::string place = absolute_path(path, folder);
    return !path_below(place, root) && (build.empty() || !path_below(place, build)) &&
           files.type(place + "/Python.h") != FileType::regular;
  };
  unit.id += "@" + windows_world().name;
  unit.config = windows_world().name;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < unit.arguments.size(); ++i) {
    const std::string &argument = unit.arguments[i];
    const bool separate =
        is_any(argument, {"-I", "-iquote", "-isystem", "-idirafter"}) && i + 1 < unit.arguments.size();
    if (separate ? is_foreign(unit.arguments[i + 1]) : argument.starts_with("-I") && is_foreign(argument.substr(2))) {
      i += separate;
      continue;
    }
    kept.push_back(argument);
    if (separate)
      kept.push_back(unit.arguments[++i]);
  }
  kept.insert(kept.end(), {windows_target, "-fms-extensions"});
  if (files.type(root + "/PC/winreg.c") == FileType::regular) // CPython
    kept.push_back("-I" + root + "/PC");
  unit.arguments = std::move(kept);
  return unit;
}

std::vector<PythonHeaders> installed_headers(const FileSystem &files) {
  std::vector<PythonHeaders> found;
  const auto variable = [](const char *name) {
    const char *value = std::getenv(name);
    return std::string(value ? value : "");
  };
  const auto add = [&](const std::string &prefix) { add_headers(prefix + "/include", files, found); };
  const auto add_each = [&](const std::string &folder) { // of which each is a Python's
    if (const auto entries = files.list(folder))
      for (const DirectoryEntry &entry : *entries)
        add(folder + "/" + entry.name);
  };
  add("/usr");
  add("/usr/local");
  const std::string home = variable("HOME"), pyenv = variable("PYENV_ROOT"), uv = variable("UV_PYTHON_INSTALL_DIR");
  if (!pyenv.empty() || !home.empty())
    add_each((pyenv.empty() ? home + "/.pyenv" : pyenv) + "/versions");
  if (!uv.empty() || !home.empty())
    add_each(uv.empty() ? home + "/.local/share/uv/python" : uv);
  std::vector<std::string> condas = {"/opt/conda", variable("CONDA_PREFIX")};
  for (const char *name : {"miniconda3", "anaconda3", "miniforge3", "mambaforge"})
    condas.push_back(home.empty() ? "" : home + "/" + name);
  for (const std::string &conda : condas)
    if (!conda.empty()) {
      add(conda);
      add_each(conda + "/envs");
    }
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

std::optional<unsigned> minor_of_headers(const std::vector<CompileUnit> &units, const FileSystem &files) {
  std::set<std::string> asked;
  for (const CompileUnit &unit : units)
    for (const std::string &argument : unit.arguments) {
      if (!argument.starts_with("-I") || !asked.insert(argument).second)
        continue;
      const std::string folder = absolute_path(argument.substr(2), unit.directory);
      if (!is_python_folder(folder, files))
        continue;
      if (const auto minor = minor_in(folder, files))
        return minor;
    }
  return std::nullopt;
}

bool replace_headers(CompileUnit &unit, const World &world, const PythonHeaders &headers, const std::string &root,
                     const FileSystem &files) {
  std::string others; // what packages have put beside the build's Python.h
  for (std::size_t i = 0; i < unit.arguments.size(); ++i) {
    std::string &argument = unit.arguments[i];
    const bool joined = argument.starts_with("-I");
    if (!joined && (i == 0 || !unit.arguments[i - 1].starts_with("-i")))
      continue;
    const std::string folder = absolute_path(joined ? argument.substr(2) : argument, unit.directory);
    if (folder == root + "/Include" || !is_python_folder(folder, files)) // CPython's own
      continue;
    if (const auto minor = minor_in(folder, files); minor && *minor >= headers.minor && *minor <= world.minor)
      continue;
    argument = (joined ? "-I" : "") + headers.folder;
    others = folder;
  }
  if (!others.empty())
    unit.arguments.insert(unit.arguments.end(), {"-idirafter", others});
  return !others.empty();
}

CompileUnit in_world(CompileUnit unit, const World &world) {
  unit.id += "@" + world.name;
  unit.config = world.name;
  char version[64];
  std::snprintf(version, sizeof version, "-DRINGFENCE_PYTHON=0x03%02X00F0", world.minor);
  unit.arguments.emplace_back(version);
  if (!world.gil && world.abi.empty()) // Python.h of 3.13 and 3.14 refuses the limited API there: builds leave it away
    std::erase_if(unit.arguments, [](const std::string &each) { return each.starts_with("-DPy_LIMITED_API"); });
  if (!world.gil)
    unit.arguments.emplace_back("-DPy_GIL_DISABLED=1");
  if (!world.abi.empty()) {
    std::snprintf(version, sizeof version, "-DPy_LIMITED_API=0x03%02X0000", world.minor);
    unit.arguments.emplace_back(version);
  }
  if (world.abi == "abi3t") {
    std::snprintf(version, sizeof version, "-DPy_TARGET_ABI3T=0x03%02X0000", world.minor);
    unit.arguments.emplace_back(version);
  }
  return unit;
}

} // namespace ringfence
