// The commands that compare: gate, baseline (with its lists) and diff.
#include <algorithm>
#include <ctime>
#include <iostream>

#include "base/load.h"
#include "base/path.h"
#include "base/text.h"
#include "classify/explain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "gate/compare.h"
#include "gate/cpython_lists.h"
#include "gate/render.h"
#include "report/json_read.h"
#include "scan/analysis.h"

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

// All that a stored report has, as rows to compare with.
Result<Baseline> rows_of_report(const std::string &path, const std::vector<Profile> &profiles, Risk min_risk) {
  return load(DiskFileSystem(), path, report_from_json).map([&](const Report &report) {
    return baseline_of(problems_of(report, profiles, min_risk), Section::debt, "in " + path);
  });
}

// The rows to compare with: the baseline's, or another report's.
Result<Baseline> load_accepted(const GateOptions &options) {
  return options.against.empty() ? load(DiskFileSystem(), options.baseline, baseline_from_text)
                                 : rows_of_report(options.against, options.analysis.profiles, options.min_risk);
}

// The command that updates the gate's baseline; empty where there is none.
std::string update_command(const GateOptions &options) {
  if (options.baseline.empty())
    return "";
  return "ringfence baseline update" + same_tree(options.analysis, ".") + " --baseline " +
         shell_quoted(options.baseline);
}

std::map<std::string, std::string> sarif_states(const Comparison &comparison) {
  std::map<std::string, std::string> states;
  for (const Problem &problem : comparison.introduced)
    states[problem.fingerprint] = "new";
  for (const Problem &problem : comparison.preexisting)
    states[problem.fingerprint] = "unchanged";
  for (const MovedProblem &moved : comparison.moved)
    states[moved.to.fingerprint] = "updated";
  return states;
}

std::string render(const Report &report, const RuleSet &rules, const Comparison &comparison,
                   const GateOptions &options) {
  const std::vector<Profile> &profiles = options.analysis.profiles;
  const OutputFormat *of_problems = options.format.of_problems;
  if (!of_problems)
    return options.format.own == Format::json ? comparison_to_json(comparison, profiles)
                                              : comparison_to_text(comparison, profiles, update_command(options));
  const bool all = of_problems->shows == Shows::states;
  Rendering rendering{report, all ? problems_of(report, profiles, options.min_risk) : comparison.introduced,
                      comparison.suppressed};
  rendering.states = sarif_states(comparison);
  rendering.rules = notes_of(rules);
  return of_problems->render(rendering);
}

bool failed(const Comparison &comparison, bool strict) {
  return !comparison.introduced.empty() ||
         (strict && !(comparison.stale.empty() && comparison.expired.empty() && comparison.reasonless.empty() &&
                      comparison.unused_suppressions.empty()));
}

Result<Baseline> import_lists(const std::vector<std::string> &paths) {
  Baseline all;
  for (const std::string &path : paths) {
    const std::string name = std::string(file_name(path));
    Result<Baseline> one =
        load(DiskFileSystem(), path, [&](const std::string &text) { return import_list(name, text); });
    if (!one)
      return one;
    all.rows.insert(all.rows.end(), one->rows.begin(), one->rows.end());
    all.list_texts.insert(all.list_texts.end(), one->list_texts.begin(), one->list_texts.end());
  }
  return all;
}

std::vector<Problem> asked_for(std::vector<Problem> problems, const std::vector<std::string> &subjects) {
  if (!subjects.empty())
    std::erase_if(problems, [&](const Problem &problem) {
      return std::find(subjects.begin(), subjects.end(), problem.subject.id()) == subjects.end();
    });
  return problems;
}

} // namespace

int run(const GateOptions &options) {
  const Result<Baseline> accepted = load_accepted(options);
  if (!accepted)
    return report_error(accepted.error());
  TerminalObserver observer(options.analysis);
  const ScanResult<LinkedTree> linked = link_tree(options.analysis, DiskFileSystem(), observer);
  if (!linked)
    return report_error(linked.error());
  const Report report = report_of(*linked);
  print_notes(report, options.analysis.quiet);
  const Comparison comparison = compare(
      report, *accepted, {options.analysis.profiles, options.min_risk, today(), options.variables, linked->touched});
  if (const auto written = write_output(options.output, render(report, linked->rules, comparison, options)); !written)
    return report_error(written.error());
  if (options.format.of_problems && options.format.of_problems->needs == Needs::step_summary)
    if (const auto written = append_step_summary(report, comparison.introduced); !written)
      return report_error(written.error());
  const bool fails = failed(comparison, options.strict);
  if (fails && !options.output.empty()) // what reads the file is elsewhere; a job's log says what failed
    std::cerr << comparison_to_text(comparison, options.analysis.profiles, update_command(options));
  if (report.accounting.incomplete() && !options.allow_incomplete)
    return report_incomplete(report);
  return fails ? exit_failed : exit_clean;
}

int run(const BaselineOptions &options) {
  const bool update = options.action == BaselineOptions::Action::update;
  Result<Baseline> old = update ? load(DiskFileSystem(), options.file, baseline_from_text) : Baseline();
  if (!old)
    return report_error(old.error());
  TerminalObserver observer(options.analysis);
  const ScanResult<Report> report = analyse(options.analysis, DiskFileSystem(), observer);
  if (!report)
    return report_error(report.error());
  print_notes(*report, options.analysis.quiet);

  const Comparison comparison =
      compare(*report, *old, {options.analysis.profiles, options.min_risk, today(), options.variables});
  Baseline result = options.prune ? pruned(*old, comparison) : *old;
  std::size_t added = 0;
  if (!update || options.add) {
    for (const BaselineRow &expired : comparison.expired) // replaced by what is added
      std::erase(result.rows, expired);
    const Baseline rows = baseline_of(asked_for(comparison.introduced, options.only), options.section, options.reason);
    added = rows.rows.size();
    for (const BaselineRow &row : rows.rows) // of a struct with more members at risk than its row accepts
      std::erase_if(result.rows, [&](const BaselineRow &known) {
        return known.fingerprint == row.fingerprint && known.profile == row.profile;
      });
    result.rows.insert(result.rows.end(), rows.rows.begin(), rows.rows.end());
  }
  if (const auto written = write_output(options.file, to_text(result)); !written)
    return report_error(written.error());
  if (!options.file.empty())
    std::cerr << "ringfence: " << options.file << ": " << result.rows.size() << " rows, " << added << " added, "
              << old->rows.size() + added - result.rows.size() << " removed\n";
  if (!update && !options.file.empty() && !options.analysis.quiet && !options.merged)
    std::cerr << "ringfence: so that branches which add rows merge, put \"" << file_name(options.file)
              << " merge=union\" into .gitattributes\n";
  return report->accounting.incomplete() ? report_incomplete(*report) : exit_clean;
}

int run(const BaselineListsOptions &options) {
  if (options.action == BaselineListsOptions::Action::import) {
    const Result<Baseline> baseline = import_lists(options.lists);
    const auto written =
        baseline.and_then([&](const Baseline &read) { return write_output(options.baseline, to_text(read)); });
    return written ? exit_clean : report_error(written.error());
  }
  const Result<Baseline> baseline = load(DiskFileSystem(), options.baseline, baseline_from_text);
  if (!baseline)
    return report_error(baseline.error());
  std::size_t left_out = 0;
  for (const auto &[list, text] : export_lists(*baseline, left_out)) {
    if (list.find('/') != std::string::npos || list.starts_with('.'))
      return report_error(Error{options.baseline + ": \"list\" must be a bare file name, not \"" + list + "\""});
    if (const auto written = write_output(options.folder + "/" + list, text); !written)
      return report_error(written.error());
  }
  if (left_out > 0)
    std::cerr << "ringfence: " << count_of(left_out, "row") << " left out: a list holds variables alone\n";
  return exit_clean;
}

int run(const DiffOptions &options) {
  const Result<Baseline> before = rows_of_report(options.old_report, options.profiles, options.min_risk);
  if (!before)
    return report_error(before.error());
  const Result<Report> after = load(DiskFileSystem(), options.new_report, report_from_json);
  if (!after)
    return report_error(after.error());
  const Comparison comparison = compare(*after, *before, {options.profiles, options.min_risk, today()});
  const std::string text = options.format == Format::json ? comparison_to_json(comparison, options.profiles)
                                                          : comparison_to_text(comparison, options.profiles, "");
  const auto written = write_output("", text);
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
