#include "report/accounting.h"

#include "report/names.h"
#include "report/problem.h"

namespace ringfence {
namespace {

using Counts = std::map<std::string, std::size_t>;

void compare(const std::string &what, std::size_t total, const Counts &counts, std::size_t counted_total,
             const Counts &counted, std::vector<std::string> &differences) {
  std::size_t sum = 0;
  for (const auto &[key, count] : counts)
    sum += count;
  if (sum != total)
    differences.push_back(what + ": the parts add up to " + std::to_string(sum) + ", the total says " +
                          std::to_string(total));
  if (total != counted_total)
    differences.push_back(what + ": the report holds " + std::to_string(counted_total) + ", the total says " +
                          std::to_string(total));
  if (counts != counted)
    differences.push_back(what + ": the parts differ from what the report holds");
}

} // namespace

bool Accounting::incomplete() const {
  const auto count = [&](const char *status) {
    const auto at = units_by_status.find(status);
    return at == units_by_status.end() ? 0 : at->second;
  };
  return count("failed") + count("partial") > 0 || !uncovered.empty();
}

Accounting account(const Report &report, std::vector<std::string> uncovered) {
  Accounting sums;
  sums.units = report.units.size();
  sums.objects = report.objects.size();
  for (const ReportedUnit &unit : report.units)
    ++sums.units_by_status[std::string(to_string(unit.status))];
  const auto count = [&](const auto &said) {
    ++sums.findings, ++sums.findings_by_rule[said.rule], sums.suppressed += said.suppressed.has_value();
  };
  for (const ReportedObject &object : report.objects) {
    ++sums.objects_by_verdict[object.verdict];
    if (is_at_risk(object, report.profiles))
      count(object);
  }
  for (const Finding &finding : report.findings)
    count(finding);
  sums.uncovered = std::move(uncovered);
  return sums;
}

std::vector<std::string> reconcile(const Report &report) {
  const Accounting counted = account(report, {});
  const Accounting &said = report.accounting;
  std::vector<std::string> differences;
  compare("units by status", said.units, said.units_by_status, counted.units, counted.units_by_status, differences);
  compare("objects by verdict", said.objects, said.objects_by_verdict, counted.objects, counted.objects_by_verdict,
          differences);
  compare("findings by rule", said.findings, said.findings_by_rule, counted.findings, counted.findings_by_rule,
          differences);
  if (said.suppressed != counted.suppressed)
    differences.push_back("suppressed findings: the report holds " + std::to_string(counted.suppressed) +
                          ", the total says " + std::to_string(said.suppressed));
  return differences;
}

} // namespace ringfence
