#include "report/restrict.h"

#include <algorithm>

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

} // namespace ringfence
