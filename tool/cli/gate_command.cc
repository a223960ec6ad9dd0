#include "cli/gate_command.h"

#include <algorithm>
#include <ctime>
#include <iostream>

#include "base/file_system.h"
#include "cli/analysis.h"
#include "cli/output.h"
#include "cli/render.h"
#include "gate/compare.h"
#include "gate/render.h"
#include "report/json.h"

namespace ringfence {
namespace {

// In UTC, so that a row expires everywhere at once.
std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[sizeof "2026-11-22"];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

// Reads and decodes a file; the error names it.
template <class Decode> auto load(const std::string &path, Decode decode) -> decltype(decode(std::string())) {
  return DiskFileSystem().read(path).and_then(decode).map_error([&](const Error &error) {
    return error.message.find(path) == std::string::npos ? Error{path + ": " + error.message} : error;
  });
}

// The rows to compare with: the baseline's, or all that another report has.
Result<Baseline> load_accepted(const GateOptions &options) {
  if (options.against.empty())
    return load(options.baseline, baseline_from_text);
  return load(options.against, report_from_json).map([&](const Report &report) {
    return baseline_of(problems_of(report, options.analysis.profiles, options.min_risk), Section::debt,
                       "in " + options.against);
  });
}

std::map<std::string, std::string> sarif_states(const Comparison &comparison) {
  std::map<std::string, std::string> states;
  for (const Problem &problem : comparison.introduced)
    states[problem.fingerprint] = "new";
  for (const Problem &problem : comparison.preexisting)
    states[problem.fingerprint] = "unchanged";
  for (const Moved &moved : comparison.moved)
    states[moved.to.fingerprint] = "updated";
  return states;
}

std::string render(const Report &report, const Comparison &comparison, const GateOptions &options) {
  const std::vector<Profile> &profiles = options.analysis.profiles;
  if (options.format == Format::text)
    return comparison_to_text(comparison, profiles, options.baseline);
  if (options.format == Format::json)
    return comparison_to_json(comparison, profiles);
  return render_problems(
      report, options.format == Format::sarif ? problems_of(report, profiles, options.min_risk) : comparison.introduced,
      options.format, sarif_states(comparison));
}

bool failed(const Comparison &comparison, bool strict) {
  return !comparison.introduced.empty() ||
         (strict && !(comparison.stale.empty() && comparison.expired.empty() && comparison.reasonless.empty()));
}

} // namespace

int run_gate(const GateOptions &options) {
  const Result<Baseline> accepted = load_accepted(options);
  if (!accepted)
    return report_error(accepted.error());
  const Result<Report> report = analyse(options.analysis);
  if (!report)
    return report_error(report.error());
  print_notes(*report, options.analysis.quiet);
  const Comparison comparison = compare(*report, *accepted, {options.analysis.profiles, options.min_risk, today()});
  if (const auto written = write_output(options.output, render(*report, comparison, options)); !written)
    return report_error(written.error());
  if (report->accounting.incomplete() && !options.allow_incomplete)
    return report_incomplete(*report);
  return failed(comparison, options.strict) ? exit_failed : exit_clean;
}

int run_baseline(const BaselineOptions &options) {
  const bool update = options.action == BaselineOptions::Action::update;
  Result<Baseline> old = update ? load(options.file, baseline_from_text) : Baseline();
  if (!old)
    return report_error(old.error());
  const Result<Report> report = analyse(options.analysis);
  if (!report)
    return report_error(report.error());
  print_notes(*report, options.analysis.quiet);

  const Comparison comparison = compare(*report, *old, {options.analysis.profiles, options.min_risk, today()});
  Baseline result = options.prune ? pruned(*old, comparison) : *old;
  std::size_t added = 0;
  if (!update || options.add) {
    for (const BaselineRow &expired : comparison.expired) // replaced by what is added
      std::erase(result.rows, expired);
    const Baseline rows = baseline_of(comparison.introduced, options.section, options.reason);
    added = rows.rows.size();
    result.rows.insert(result.rows.end(), rows.rows.begin(), rows.rows.end());
  }
  if (const auto written = write_output(options.file, to_text(result)); !written)
    return report_error(written.error());
  if (!options.file.empty())
    std::cerr << "ringfence: " << options.file << ": " << result.rows.size() << " rows, " << added << " added, "
              << old->rows.size() + added - result.rows.size() << " removed\n";
  return report->accounting.incomplete() ? report_incomplete(*report) : exit_clean;
}

int run_diff(const DiffOptions &options) {
  const Result<Report> before = load(options.old_report, report_from_json);
  if (!before)
    return report_error(before.error());
  const Result<Report> after = load(options.new_report, report_from_json);
  if (!after)
    return report_error(after.error());
  const Baseline rows =
      baseline_of(problems_of(*before, options.profiles, options.min_risk), Section::debt, "in " + options.old_report);
  const Comparison comparison = compare(*after, rows, {options.profiles, options.min_risk, today()});
  const std::string text = options.format == Format::json ? comparison_to_json(comparison, options.profiles)
                                                          : comparison_to_text(comparison, options.profiles, "");
  const auto written = write_output("", text);
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
