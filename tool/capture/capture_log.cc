#include "capture/capture_log.h"

#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "base/path.h"
#include "base/text.h"
#include "source/byte_text.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

using nlohmann::ordered_json;

ordered_json encode_arguments(const std::vector<std::string> &arguments) {
  ordered_json list = ordered_json::array();
  for (const std::string &argument : arguments)
    list.push_back(bytes_to_characters(argument));
  return list;
}

struct Entry {
  std::string path; // absolute, for sorting
  std::string file; // as the command names it
  std::vector<std::string> arguments;
  std::string directory;

  auto operator<=>(const Entry &) const = default;
};

// The command as if it compiled this input alone.
std::vector<std::string> arguments_for(const CommandLine &command, const Input &input) {
  std::set<std::size_t> others;
  for (const Input &other : command.inputs)
    if (other.position != input.position && language_of(other, command.cxx_driver))
      others.insert(other.position);
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < command.words.size(); ++i)
    if (!others.contains(i))
      arguments.push_back(command.words[i]);
  return arguments;
}

std::set<Entry> entries_of(const std::vector<RecordedCommand> &commands, const FileSystem &files) {
  std::set<Entry> entries;
  for (const RecordedCommand &recorded : commands) {
    const CommandLine command = read_command_line(recorded.arguments);
    if (command.preprocess_only)
      continue;
    for (const Input &input : command.inputs) {
      const std::string path = absolute_path(input.path, recorded.directory);
      // Probes of configure scripts are gone by now; "-" and /dev/null were never files.
      if (language_of(input, command.cxx_driver) && files.type(path) == FileType::regular)
        entries.insert({path, input.path, arguments_for(command, input), recorded.directory});
    }
  }
  return entries;
}

} // namespace

std::string encode_line(const RecordedCommand &command) {
  const ordered_json line = {{"directory", bytes_to_characters(command.directory)},
                             {"arguments", encode_arguments(command.arguments)}};
  return characters_to_bytes(line.dump()) + "\n";
}

std::vector<RecordedCommand> decode_log(std::string_view log, std::size_t &damaged) {
  std::vector<RecordedCommand> commands;
  for (const std::string_view line : split(log, '\n')) {
    if (line.empty())
      continue;
    try {
      const auto parsed = ordered_json::parse(bytes_to_characters(line));
      RecordedCommand command;
      command.directory = characters_to_bytes(parsed.at("directory").get_ref<const std::string &>());
      for (const auto &argument : parsed.at("arguments"))
        command.arguments.push_back(characters_to_bytes(argument.get_ref<const std::string &>()));
      commands.push_back(std::move(command));
    } catch (const ordered_json::exception &) {
      ++damaged;
    }
  }
  return commands;
}

std::string encode_database(const std::vector<RecordedCommand> &commands, const FileSystem &files,
                            std::size_t &entries) {
  ordered_json database = ordered_json::array();
  for (const Entry &entry : entries_of(commands, files))
    database.push_back({{"directory", bytes_to_characters(entry.directory)},
                        {"file", bytes_to_characters(entry.file)},
                        {"arguments", encode_arguments(entry.arguments)}});
  entries = database.size();
  return characters_to_bytes(database.dump(2)) + "\n";
}

} // namespace ringfence
