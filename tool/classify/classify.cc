// The passes of classification: verdicts, claims, checks, accounting.
#include "classify/classify.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "classify/checks/allowances.h"
#include "classify/checks/checks.h"
#include "classify/checks/generated_findings.h"
#include "classify/predicates/standing.h"
#include "classify/verdicts/claims.h"
#include "classify/verdicts/verdict.h"
#include "report/accounting.h"
#include "report/names.h"

namespace ringfence {

namespace {

void report_units(const ProgramIndex &index, Report &report) {
  for (const UnitSummary &unit : index.program.units) {
    ReportedUnit reported{unit.file, unit.config, unit.status, unit.origin, {}};
    for (const Diagnostic &diagnostic : unit.diagnostics)
      reported.diagnostics.push_back({index.place(diagnostic.location), diagnostic.severity, diagnostic.message});
    report.units.push_back(std::move(reported));
  }
}

void report_types(const ProgramIndex &index, Report &report) {
  for (const TypeEntity &type : index.program.types) {
    const bool known = type.object < index.program.objects.size();
    const Object &object = known ? index.program.objects[type.object] : Object();
    report.types.push_back({object.id, type.name, type.is_static, index.place(object.location)});
  }
}

void report_inactive(const ProgramIndex &index, Report &report) {
  for (const Inactive &inactive : index.program.inactive)
    report.inactive.push_back({index.place(inactive.location), inactive.condition, inactive.name});
}

void append(std::vector<Finding> &findings, std::vector<Finding> more) {
  std::move(more.begin(), more.end(), std::back_inserter(findings));
}

void sort_findings(std::vector<Finding> &findings) {
  const auto key = [](const Finding &finding) {
    return std::tie(finding.place, finding.rule, finding.subject, finding.message);
  };
  std::sort(findings.begin(), findings.end(), [&](const Finding &a, const Finding &b) { return key(a) < key(b); });
}

} // namespace

Report classify(const Program &program, const RuleSet &rules, const ClassifyOptions &options) {
  Report report;
  report.profiles =
      options.profiles.empty() ? std::vector<Profile>(all_profiles.begin(), all_profiles.end()) : options.profiles;
  const ProgramIndex index(program, rules.tables);
  Verdicts verdicts;
  verdicts.objects = give_verdicts(index, rules, options);
  verdicts.modules = verify_claims(index, verdicts.objects);
  report.findings = run_checks(index, verdicts, rules, options, CheckPass::code);
  verdicts.modules = refute_claims(index, report.findings, std::move(verdicts.modules));
  append(report.findings, run_checks(index, verdicts, rules, options, CheckPass::modules));
  collapse_generated(index, rules, report.profiles, options.min_python, verdicts, report.findings);
  const std::vector<AllowanceUse> uses = apply_allowances(index, rules, verdicts.objects, report.findings);
  append(report.findings, check_allowances(index, uses, rules, options.min_python));
  sort_findings(report.findings);
  report_units(index, report);
  report_types(index, report);
  report_inactive(index, report);
  for (Index i = 0; i < program.objects.size(); ++i)
    if (in_inventory(program.objects[i])) {
      report.objects.push_back(std::move(verdicts.objects[i]));
      if (const std::vector<Index> &modules = index.attribution.modules_of_object[i]; modules.size() == 1)
        report.objects.back().module = program.modules[modules.front()].name;
    }
  report.modules = std::move(verdicts.modules);
  report.accounting = account(report, program.uncovered);
  return report;
}

} // namespace ringfence
