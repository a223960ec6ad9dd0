// `ringfence scan` and `merge`: a tree to its report, in one of the formats of report/formats/formats.h.
#include <filesystem>

#include <unistd.h>

#include "base/file_system.h"
#include "base/load.h"
#include "base/text.h"
#include "classify/explain.h"
#include "classify/observations.h"
#include "cli/fix.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "report/json_read.h"
#include "report/names.h"
#include "scan/analysis.h"
#include "scan/checked_fix.h"

namespace ringfence {
namespace {

bool wants_colour(const ScanOptions &options) {
  if (options.color == When::automatic)
    return options.output.empty() && isatty(STDOUT_FILENO) == 1;
  return options.color == When::always;
}

// What the format shows of the report.
Rendering rendering_of(const Report &report, const SourceTree &tree, const ScanOptions &options,
                       const FileSystem &files) {
  Rendering rendering{report, problems_of(report, report.profiles, options.min_risk),
                      suppressed_of(report, report.profiles, options.min_risk)};
  TextOptions &text = rendering.text;
  text.color = wants_colour(options);
  text.group_by = options.group_by;
  text.sort = options.sort;
  text.at_least = options.min_risk;
  text.limit = options.limit;
  text.files = &files;
  text.folders = tree;
  text.arguments = same_tree(options.analysis, report.root);
  const std::string &path = tree_of(options.analysis, report.root);
  if (path != "." && files.type(path) == FileType::directory)
    text.build_folder = path;
  rendering.here = std::filesystem::current_path().string();
  return rendering;
}

// Where `const` repairs what a SARIF report is to show; nowhere without units to try it on.
Result<std::map<std::string, std::vector<Place>>> shown_const_places(const LinkedTree &linked, const Report &report,
                                                                     const ScanOptions &options) {
  if (options.format->needs != Needs::const_places || linked.tree.units.empty())
    return {};
  Report shown;
  for (const ReportedObject &object : report.objects)
    if (highest_risk(object.risk, report.profiles) >= options.min_risk)
      shown.objects.push_back(object);
  TerminalObserver observer(options.analysis);
  return check_const_fix(linked, shown, options.analysis.jobs, DiskFileSystem(), observer).map(const_places);
}

// What the files of --evidence say.
Result<std::vector<Observation>> read_evidence(const std::vector<std::string> &files) {
  std::vector<Observation> all;
  for (const std::string &file : files) {
    Result<std::vector<Observation>> one = load(DiskFileSystem(), file, observations_from_json);
    if (!one)
      return one;
    all.insert(all.end(), one->begin(), one->end());
  }
  return all;
}

// The reports of --history, each known by its path.
Result<std::vector<EarlierReport>> read_history(const std::vector<std::string> &files) {
  std::vector<EarlierReport> history;
  for (const std::string &file : files) {
    Result<Report> report = load(DiskFileSystem(), file, report_from_json);
    if (!report)
      return tl::unexpected(report.error());
    history.push_back({file, std::move(*report)});
  }
  return history;
}

// An incomplete analysis outranks the risk that was found: what was not read may hold more.
int exit_code(const Report &report, const ScanOptions &options) {
  if (report.accounting.incomplete() && !options.allow_incomplete)
    return report_incomplete(report);
  const bool met = options.fail_on != Risk::none && has_problem(report, report.profiles, options.fail_on);
  return met ? exit_failed : exit_clean;
}

// What lives to the end of the process. It is not freed there: to take a program apart takes as long as to report it.
template <class T> T &to_the_end(T value) {
  static T *const kept = new T(std::move(value));
  return *kept;
}

} // namespace

int run(const ScanOptions &options) {
  const Result<std::vector<Observation>> evidence = read_evidence(options.evidence); // fails before the long part
  if (!evidence)
    return report_error(evidence.error());
  Result<std::vector<EarlierReport>> history = read_history(options.history);
  if (!history)
    return report_error(history.error());
  TerminalObserver observer(options.analysis);
  const ScanResult<LinkedTree> &linked = to_the_end(link_tree(options.analysis, DiskFileSystem(), observer));
  if (!linked)
    return report_error(linked.error());
  Report &report = to_the_end(report_of(*linked));
  add_observations(report, *evidence, linked->rules);
  const bool shown_there =
      options.format->needs == Needs::terminal && options.output.empty() && isatty(STDOUT_FILENO) == 1;
  print_notes(report, options.analysis.quiet || (shown_there && !options.fix && !options.fix_dry_run));
  if (options.fix || options.fix_dry_run)
    return run_const_fix(*linked, report, options.analysis, options.fix_dry_run);
  Result<std::map<std::string, std::vector<Place>>> places = shown_const_places(*linked, report, options);
  if (!places)
    return report_error(places.error());
  const DiskFileSystem disk;
  Rendering rendering = rendering_of(report, linked->tree, options, disk);
  rendering.history = std::move(*history);
  rendering.const_places = std::move(*places);
  rendering.rules = notes_of(linked->rules);
  if (const auto written = write_output(options.output, options.format->render(rendering)); !written)
    return report_error(written.error());
  if (options.format->needs == Needs::step_summary)
    if (const auto written = append_step_summary(report, rendering.problems); !written)
      return report_error(written.error());
  return exit_code(report, options);
}

} // namespace ringfence
