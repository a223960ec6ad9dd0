#include "scan/ninja_file.h"

#include <set>

#include "base/text.h"

namespace ringfence {
namespace {

// In a path of a build line.
std::string escaped(const std::string &path) {
  std::string text;
  for (const char c : path) {
    if (c == '$' || c == ' ' || c == ':' || c == '\n')
      text += '$';
    text += c;
  }
  return text;
}

// In a variable.
std::string value(const std::string &text) {
  std::string result;
  for (const char c : text)
    result += c == '$' ? "$$" : c == '\n' || c == '\r' ? " " : std::string(1, c);
  return result;
}

std::string command(const std::vector<std::string> &words) {
  std::vector<std::string> quoted;
  quoted.reserve(words.size());
  for (const std::string &word : words)
    quoted.push_back(shell_quoted(word));
  return value(join(quoted, " "));
}

} // namespace

std::string to_ninja(const NinjaScan &scan) {
  std::vector<std::string> merge = {scan.extract.front(), "merge", "--format", "json", "--allow-incomplete"};
  merge.insert(merge.end(), scan.merge.begin(), scan.merge.end());
  const std::string extract = command(scan.extract), shards = std::to_string(scan.units.size());
  std::string text = "# Written by ringfence extract --ninja.\n"
                     "ninja_required_version = 1.3\n\n"
                     "rule extract\n"
                     "  command = " +
                     extract + " --no-cache --quiet --shard $shard/" + shards +
                     " -o $out --depfile $out.d\n"
                     "  description = extract $unit\n"
                     "  depfile = $out.d\n"
                     "  deps = gcc\n\n"
                     "rule merge\n"
                     "  command = " +
                     command(merge) +
                     " -o $out $in\n"
                     "  description = merge\n\n"
                     "rule generate\n"
                     "  command = " +
                     extract + " --quiet --ninja $out\n" +
                     "  description = generate $out\n"
                     "  generator = 1\n\n";
  std::string inputs;
  for (std::size_t i = 0; i < scan.units.size(); ++i) {
    const std::string shard = std::to_string(i + 1), facts = "facts/" + shard;
    text += "build " + facts + ": extract\n  shard = " + shard + "\n  unit = " + value(escape_terminal(scan.units[i])) +
            "\n";
    inputs += " " + facts;
  }
  text += "\nbuild report.json: merge" + inputs + "\n";
  if (!scan.database.empty())
    text += "build " + escaped(scan.file) + ": generate " + escaped(scan.database) + "\n";
  return text + "default report.json\n";
}

std::string to_depfile(const std::string &target, const std::vector<Dependencies> &units,
                       const std::vector<std::string> &further) {
  std::set<std::string> paths(further.begin(), further.end());
  for (const Dependencies &unit : units)
    for (const auto &[path, state] : unit)
      if (state != path_absent && state != path_present)
        paths.insert(path);
  const auto name = [](const std::string &path) {
    std::string text;
    for (const char c : path) {
      if (c == ' ' || c == '#' || c == '\\')
        text += '\\';
      text += c == '$' ? "$$" : std::string(1, c);
    }
    return text;
  };
  std::string text = name(target) + ":";
  for (const std::string &path : paths)
    if (path.find('\n') == std::string::npos) // make has no way to write it
      text += " \\\n  " + name(path);
  return text + "\n";
}

} // namespace ringfence
