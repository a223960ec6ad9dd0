// The passes of classification: verdicts, claims, checks, accounting.
#include "classify/classify.h"

#include <algorithm>
#include <tuple>

#include "classify/allowances.h"
#include "classify/checks.h"
#include "classify/claims.h"
#include "classify/generated_code.h"
#include "classify/verdict.h"
#include "report/accounting.h"
#include "report/names.h"

namespace ringfence {

namespace {

void report_units(const Context &context, Report &report) {
  for (const UnitSummary &unit : context.program.units) {
    ReportedUnit reported{unit.file, unit.config, unit.status, unit.origin, {}};
    for (const Diagnostic &diagnostic : unit.diagnostics)
      reported.diagnostics.push_back({context.place(diagnostic.location), diagnostic.severity, diagnostic.message});
    report.units.push_back(std::move(reported));
  }
}

void report_types(const Context &context, Report &report) {
  for (const TypeEntity &type : context.program.types) {
    const bool known = type.object < context.program.objects.size();
    const Object &object = known ? context.program.objects[type.object] : Object();
    report.types.push_back({object.id, type.name, type.is_static, context.place(object.location)});
  }
}

void report_inactive(const Context &context, Report &report) {
  for (const Inactive &inactive : context.program.inactive)
    report.inactive.push_back({context.place(inactive.location), inactive.condition, inactive.name});
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
  Context context(program, rules.tables);
  give_verdicts(context, rules, options);
  verify_claims(context);
  run_checks(context, rules, options, CheckPass::code, report.findings);
  refute_claims(context, report.findings);
  run_checks(context, rules, options, CheckPass::modules, report.findings);
  collapse_generated(context, rules, report.profiles, options.min_python, report.findings);
  apply_allowances(context, rules, report.findings);
  check_allowances(context, rules, options.min_python, report.findings);
  sort_findings(report.findings);
  report_units(context, report);
  report_types(context, report);
  report_inactive(context, report);
  for (Index i = 0; i < program.objects.size(); ++i)
    if (in_inventory(program.objects[i])) {
      report.objects.push_back(std::move(context.objects[i]));
      if (context.modules_of_object[i].size() == 1)
        report.objects.back().module = context.modules[context.modules_of_object[i].front()].name;
    }
  report.modules = std::move(context.modules);
  report.accounting = account(report, program.uncovered);
  return report;
}

} // namespace ringfence
