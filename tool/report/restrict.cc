#include "report/restrict.h"

#include <algorithm>

#include "base/glob.h"
#include "report/accounting.h"

namespace ringfence {

void restrict_to(Report &report, const std::set<std::string> &files) {
  const auto elsewhere = [&](const auto &entry) { return !files.contains(entry.place.file); };
  const auto unconcerned = [&](const auto &entry) {
    return elsewhere(entry) && std::all_of(entry.evidence.begin(), entry.evidence.end(), elsewhere);
  };
  std::erase_if(report.units, [&](const ReportedUnit &unit) { return !files.contains(unit.file); });
  std::erase_if(report.objects, unconcerned);
  std::erase_if(report.findings, unconcerned);
  std::erase_if(report.modules, elsewhere);
  std::erase_if(report.types, elsewhere);
  std::erase_if(report.inactive, elsewhere);
  std::vector<std::string> uncovered = report.accounting.uncovered;
  std::erase_if(uncovered, [&](const std::string &file) { return !files.contains(file); });
  report.accounting = account(report, std::move(uncovered));
}

void leave_out(Report &report, const std::vector<std::string> &globs) {
  if (globs.empty())
    return;
  const auto left_out = [&](const auto &entry) { return any_glob_matches(globs, entry.place.file); };
  std::erase_if(report.objects, left_out);
  std::erase_if(report.findings, left_out);
  std::erase_if(report.modules, left_out);
  std::erase_if(report.types, left_out);
  std::erase_if(report.inactive, left_out);
  report.accounting = account(report, report.accounting.uncovered);
}

} // namespace ringfence
