// What a project says of its own analysis: ringfence.toml, or [tool.ringfence] in pyproject.toml. docs/settings.md has the
// keys.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "report/report.h"

namespace ringfence {

// A rule that the project does not want to hear of, where and why.
struct IgnoredRule {
  std::string rule;               // code or name
  std::vector<std::string> paths; // globs; empty: everywhere
  std::string reason;             // never empty
  Place place;                    // of the entry
};

struct Settings {
  std::string file; // where they were read; empty: there are none
  std::string note; // why pyproject.toml was not looked at; empty: it was, or there is none
  // Long options of the command line with the values that stand for them where none is given there.
  std::vector<std::pair<std::string, std::vector<std::string>>> options;
  std::map<std::string, Risk> risks; // by a rule's code or name
  std::vector<IgnoredRule> ignored;
};

// Reads one file, ringfence.toml or pyproject.toml by its name; paths in it are relative to its folder. The error names
// the file, the line, and for a wrong key the nearest right one.
Result<Settings> read_settings(const std::string &file, const FileSystem &files);

// The folder's ringfence.toml, else its pyproject.toml where that has a table tool.ringfence; without either, no
// settings.
Result<Settings> find_settings(const std::string &folder, const FileSystem &files);

} // namespace ringfence
