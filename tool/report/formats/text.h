// The report for people: the modules and what the tree holds in a few lines, then what to look at first with its
// source, what was not analysed, and commands to go on with.
#pragma once

#include <string>

#include "base/file_system.h"
#include "base/tree_folders.h"
#include "report/report.h"

namespace ringfence {

struct TextOptions {
  enum class GroupBy { worth, file, module, verdict, rule }; // worth: report/worth.h
  enum class Sort { file, name, risk, rule };                // file: by place; name: of the subject; risk: worst first

  bool color = false;
  GroupBy group_by = GroupBy::worth;
  Sort sort = Sort::file;       // of the problems in a group; by risk, of the groups too
  Risk at_least = Risk::medium; // problems of less risk under every profile are counted, not shown
  std::size_t limit = 30;       // problems to show (by worth: causes), worst first; 0: all
  // To show lines of source: null for none.
  const FileSystem *files = nullptr;
  TreeFolders folders;
  std::string arguments;    // " -p build src": what follows a command that is to look at the same tree
  std::string build_folder; // where the tree is built, as the command line names it; empty: here
};

std::string to_text(const Report &report, const TextOptions &options);

} // namespace ringfence
