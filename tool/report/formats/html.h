// One HTML file that shows a report and needs nothing else: no network, no other file. Its page lies in html/ and is
// embedded by cmake/EmbedPage.cmake; here is only the data that it shows.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/tree_folders.h"
#include "report/report.h"
#include "report/rule_notes.h"

namespace ringfence {

// A report of an earlier state of the tree.
struct EarlierReport {
  std::string label; // what the reader knows it by
  Report report;
};

struct HtmlOptions {
  // To show lines of source: null for none.
  const FileSystem *files = nullptr;
  TreeFolders folders;
  std::vector<EarlierReport> history; // oldest first; with at least one the page has a burn-down
  RuleNotes rules;                    // of the report's rules, at least
};

// What comes from sources stays text whatever it holds: it is data of the page, escaped, and the page's policy lets no
// script run but its own.
std::string to_html(const Report &report, const HtmlOptions &options);

} // namespace ringfence
