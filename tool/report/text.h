// The report for people: what the tree holds in a few lines, then the worst problems with their source, at the end what
// was not analysed.
#pragma once

#include <string>

#include "base/file_system.h"
#include "report/report.h"

namespace ringfence {

struct TextOptions {
  enum class GroupBy { file, module, verdict, rule };
  enum class Sort { file, name, risk, rule }; // file: by place; name: of the subject; risk: worst first

  bool color = false;
  GroupBy group_by = GroupBy::file;
  Sort sort = Sort::file;       // of the problems in a group; by risk, of the groups too
  Risk at_least = Risk::medium; // problems of less risk under every profile are counted, not shown
  std::size_t limit = 30;       // problems to show, worst first; 0: all
  // To show lines of source: null for none; `root` and `build` as in source/source.h.
  const FileSystem *files = nullptr;
  std::string root, build;
};

std::string to_text(const Report &report, const TextOptions &options);

} // namespace ringfence
