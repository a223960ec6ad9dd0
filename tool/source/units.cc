#include "source/units.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/path.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

// The file's place below the folder, whether it is named by its resolved path or through links.
std::optional<std::string> place_below(const std::string &file, const std::string &folder, const FileSystem &files) {
  if (folder.empty())
    return std::nullopt;
  if (auto below = path_below(file, folder))
    return below;
  if (const auto resolved = files.real_path(file))
    return path_below(*resolved, folder);
  if (const auto resolved = files.real_path(parent_folder(file))) // a file that is gone
    return path_below(absolute_path(file_name(file), *resolved), folder);
  return std::nullopt;
}

// A folder that can be the build folder: outside the root and not around it.
bool is_beside(const std::string &folder, const std::string &root) {
  return folder != "/" && !path_below(folder, root) && !path_below(root, folder);
}

std::string common_folder(const std::string &a, const std::string &b) {
  std::string folder = a;
  while (!path_below(b, folder))
    folder = parent_folder(folder);
  return folder;
}

// Where the build's generated sources lie: the database's own folder, or the folder in which all commands that do not
// run inside the root are run.
std::string build_folder(const std::vector<CompileCommand> &commands, const std::string &root,
                         const std::string &database, const FileSystem &files) {
  const std::string own = files.real_path(parent_folder(database)).value_or(parent_folder(database));
  std::string common;
  bool runs_in_own = false;
  for (const CompileCommand &command : commands) {
    const std::string directory = files.real_path(command.directory).value_or(command.directory);
    runs_in_own = runs_in_own || path_below(directory, own);
    if (is_beside(directory, root))
      common = common.empty() ? directory : common_folder(common, directory);
  }
  if (runs_in_own && is_beside(own, root))
    return own;
  return !common.empty() && is_beside(common, root) ? common : "";
}

// The operand of the command that is the entry's file; where none is, the file itself.
Input input_of(const CommandLine &command, const CompileCommand &entry) {
  for (const Input &input : command.inputs)
    if (absolute_path(input.path, entry.directory) == entry.file)
      return input;
  Input input{entry.file, "", 0};
  for (const Input &other : command.inputs)
    if (!other.forced.empty())
      input.forced = other.forced;
  return input;
}

} // namespace

DatabaseUnits units_of(const std::vector<CompileCommand> &commands, const std::string &root,
                       const std::string &database, const FileSystem &files) {
  DatabaseUnits result;
  result.build = build_folder(commands, root, database, files);
  for (const CompileCommand &entry : commands) {
    const CommandLine command = read_command_line(entry.arguments);
    const Input input = input_of(command, entry);
    const auto language = language_of(input, command.cxx_driver);
    if (!language || command.preprocess_only) {
      ++result.other_languages;
      continue;
    }
    CompileUnit unit;
    if (const auto in_root = place_below(entry.file, root, files)) {
      unit.file = absolute_path(*in_root, root);
      result.any_in_root = true;
    } else if (const auto in_build = place_below(entry.file, result.build, files)) {
      unit.file = absolute_path(*in_build, result.build);
    } else {
      ++result.outside;
      continue;
    }
    for (const std::string &option : command.refused)
      ++result.refused[option];
    unit.directory = entry.directory;
    unit.arguments = normalised_arguments(command, input, *language);
    unit.language = *language;
    result.units.push_back(std::move(unit));
  }
  return result;
}

std::string unit_file(const CompileUnit &unit, const std::string &root, const std::string &build) {
  if (const auto below = path_below(unit.file, root))
    return *below;
  return "<build>/" +
         (build.empty() ? std::nullopt : path_below(unit.file, build)).value_or(std::string(file_name(unit.file)));
}

void give_ids(std::vector<CompileUnit> &units, const std::string &root, const std::string &build) {
  const auto key = [](const CompileUnit &unit) { return std::tie(unit.file, unit.arguments, unit.directory); };
  std::sort(units.begin(), units.end(), [&](const CompileUnit &a, const CompileUnit &b) { return key(a) < key(b); });
  const auto same = [&](const CompileUnit &a, const CompileUnit &b) { return key(a) == key(b); };
  units.erase(std::unique(units.begin(), units.end(), same), units.end());
  std::size_t number = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    number = i > 0 && units[i - 1].file == units[i].file ? number + 1 : 1;
    units[i].id = unit_file(units[i], root, build);
    if (number > 1)
      units[i].id += "#" + std::to_string(number);
  }
}

} // namespace ringfence
