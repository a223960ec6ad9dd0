#include "source/database.h"

#include <algorithm>

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/path.h"
#include "base/text.h"
#include "source/byte_text.h"
#include "source/command_line.h"

namespace ringfence {
namespace {

using nlohmann::json;

constexpr std::string_view database_name = "compile_commands.json";

std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, byte > 0 ? byte - 1 : 0);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// What the library says after "[json.exception.NAME.NUMBER]" and the place, which ends with a colon.
std::string reason(const json::exception &error) {
  std::string_view what = error.what();
  what.remove_prefix(std::min(what.find(' ') + 1, what.size()));
  if (const std::size_t colon = what.find(": "); what.starts_with("parse error") && colon != std::string_view::npos)
    what.remove_prefix(colon + 2);
  return escape_terminal(what);
}

Result<std::string> text_member(const json &entry, const char *name) {
  const auto member = entry.find(name);
  if (member == entry.end())
    return fail(std::string("has no \"") + name + "\"");
  if (!member->is_string())
    return fail(std::string("\"") + name + "\" is no string");
  std::string value = characters_to_bytes(member->get_ref<const std::string &>());
  if (value.find('\0') != std::string::npos)
    return fail(std::string("\"") + name + "\" holds a null character");
  return value;
}

Result<std::vector<std::string>> arguments_of(const json &entry) {
  const auto list = entry.find("arguments");
  if (list == entry.end()) {
    if (!entry.contains("command"))
      return fail("has neither \"arguments\" nor \"command\"");
    const auto command = text_member(entry, "command");
    if (!command)
      return tl::unexpected(command.error());
    return split_command_line(*command, Quoting::shell);
  }
  if (!list->is_array())
    return fail("\"arguments\" is no array");
  std::vector<std::string> arguments;
  for (const json &argument : *list) {
    if (!argument.is_string())
      return fail("\"arguments\" holds something that is no string");
    arguments.push_back(characters_to_bytes(argument.get_ref<const std::string &>()));
    if (arguments.back().find('\0') != std::string::npos)
      return fail("\"arguments\" holds a null character");
  }
  return arguments;
}

Result<CompileCommand> read_entry(const json &entry, const std::string &base, const FileSystem &files,
                                  std::vector<std::string> &notes) {
  if (!entry.is_object())
    return fail("is no object");
  const auto directory = text_member(entry, "directory");
  if (!directory)
    return tl::unexpected(directory.error());
  const auto file = text_member(entry, "file");
  if (!file)
    return tl::unexpected(file.error());
  if (file->empty())
    return fail("\"file\" is empty");
  auto arguments = arguments_of(entry);
  if (!arguments)
    return tl::unexpected(arguments.error());
  CompileCommand command;
  command.directory = absolute_path(*directory, base);
  command.file = absolute_path(*file, command.directory);
  command.arguments = expand_response_files(std::move(*arguments), command.directory, files, notes);
  return command;
}

// True where either is not on the disk.
bool same_owner(const std::string &path, const std::string &other) {
  struct stat a, b;
  return stat(path.c_str(), &a) != 0 || stat(other.c_str(), &b) != 0 || a.st_uid == b.st_uid;
}

void find_in(const std::string &folder, const FileSystem &files, std::vector<std::string> &found) {
  const auto add = [&](const std::string &candidate) {
    if (files.type(candidate) == FileType::regular)
      found.push_back(candidate);
  };
  add(absolute_path(database_name, folder));
  const auto entries = files.list(folder);
  if (!entries)
    return;
  for (const DirectoryEntry &entry : *entries)
    if (entry.name.starts_with("build"))
      add(absolute_path(entry.name + "/" + std::string(database_name), folder));
}

} // namespace

Result<std::vector<CompileCommand>> read_database(const std::string &path, const FileSystem &files,
                                                  std::vector<std::string> &notes) {
  const auto bytes = files.read(path);
  if (!bytes)
    return tl::unexpected(bytes.error());
  const std::string text = bytes_to_characters(*bytes);
  json database;
  try {
    database = json::parse(text);
  } catch (const json::parse_error &error) {
    return fail(path + ": " + place_of(text, error.byte) + ": " + reason(error));
  } catch (const json::exception &error) { // a number that no type can hold
    return fail(path + ": " + reason(error));
  }
  if (!database.is_array())
    return fail(path + ": no compile database: the top level is no array");
  std::vector<CompileCommand> commands;
  for (std::size_t i = 0; i < database.size(); ++i) {
    auto command = read_entry(database[i], parent_folder(path), files, notes);
    if (!command)
      return fail(path + ": entry " + std::to_string(i + 1) + " " + command.error().message);
    commands.push_back(std::move(*command));
  }
  return commands;
}

std::vector<std::string> find_databases(const std::string &folder, const FileSystem &files,
                                        std::vector<std::string> &notes) {
  std::vector<std::string> found;
  find_in(folder, files, found);
  bool strange = false;
  for (std::string at = folder; at != "/";) {
    at = parent_folder(at);
    strange = strange || !same_owner(at, folder);
    std::vector<std::string> above;
    find_in(at, files, above);
    for (std::string &path : above)
      if (strange || !same_owner(path, folder))
        notes.push_back("passed over " + path +
                        ": it or its folder belongs to another user than the tree; -p names it");
      else
        found.push_back(std::move(path));
  }
  return found;
}

Result<std::string> named_database(const std::string &path, const FileSystem &files) {
  switch (files.type(path)) {
  case FileType::missing:
    return fail("no compile database " + path + ": No such file or directory");
  case FileType::directory:
    if (const std::string file = absolute_path(database_name, path); files.type(file) == FileType::regular)
      return file;
    return fail("no " + std::string(database_name) + " in " + path);
  default:
    return path;
  }
}

} // namespace ringfence
