#include "cli/render.h"

#include <cstdlib>
#include <fstream>
#include <iostream>

#include "base/text.h"
#include "report/formats/markdown.h"

namespace ringfence {

Result<void> append_step_summary(const Report &report, const std::vector<Problem> &problems) {
  const char *path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path == nullptr || *path == '\0')
    return {};
  std::ofstream file(path, std::ios::app | std::ios::binary);
  if (!(file << to_markdown(report, problems)).flush())
    return fail(std::string("cannot write the step summary: ") + path);
  return {};
}

void print_notes(const Report &report, bool quiet) {
  if (quiet)
    return;
  for (const std::string &note : report.notes)
    std::cerr << "ringfence: " << escape_terminal(note) << '\n';
}

int report_incomplete(const Report &report) {
  const auto units = [&](const char *status) {
    const auto found = report.accounting.units_by_status.find(status);
    return found == report.accounting.units_by_status.end() ? std::size_t{0} : found->second;
  };
  std::cerr << "ringfence: incomplete: " << count_of(units("failed"), "unit") << " failed, " << units("partial")
            << " read in part, " << count_of(report.accounting.uncovered.size(), "source file")
            << " in no compile unit; the report names them (--exclude leaves files out on purpose, --allow-incomplete "
               "accepts the rest)\n";
  return exit_incomplete;
}

} // namespace ringfence
