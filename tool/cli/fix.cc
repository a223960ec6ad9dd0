#include "cli/fix.h"

#include <algorithm>
#include <iostream>
#include <mutex>
#include <set>

#include "base/file_system.h"
#include "base/parallel.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "extract/extract.h"
#include "fix/const_fix.h"

namespace ringfence {
namespace {

using Failure = std::pair<Place, std::string>; // where, and the message

// The files of the tree before and after the edits, by root-relative path.
struct Contents {
  std::map<std::string, std::string> before;

  EditedFiles edited(const ConstFix &fix, const std::string &root) const {
    EditedFiles files;
    for (const std::string &file : fix.files())
      files[root + "/" + file] = fix.apply(file, before.at(file));
    return files;
  }
};

Result<Contents> read_contents(const ConstFix &fix, const std::string &root) {
  Contents contents;
  for (const std::string &file : fix.files()) {
    Result<std::string> content = DiskFileSystem().read(root + "/" + file);
    if (!content)
      return tl::unexpected(content.error());
    contents.before[file] = std::move(*content);
  }
  return contents;
}

std::set<Failure> errors_of(const TuFacts &facts) {
  std::set<Failure> errors;
  for (const Diagnostic &diagnostic : facts.diagnostics) {
    const Location &at = diagnostic.location;
    const std::string file = at.file == none ? "" : facts.files[at.file].path;
    errors.insert({{file, at.line, 0}, diagnostic.message});
  }
  return errors;
}

// What errors the edits make, by unit.
std::map<const CompileUnit *, ConstFix::Errors> new_errors(const std::vector<const CompileUnit *> &units,
                                                           const ProjectPaths &paths, const EditedFiles &edited,
                                                           const AnalysisOptions &options) {
  std::map<const CompileUnit *, ConstFix::Errors> result;
  std::mutex mutex;
  Progress progress(units.size(), options.progress, options.quiet);
  for_each_parallel(units.size(), options.jobs, [&](std::size_t i) {
    const TuFacts facts = extract_edited(*units[i], paths, edited);
    std::set<Failure> errors = errors_of(facts);
    if (!errors.empty())
      for (const Failure &old : errors_of(extract_edited(*units[i], paths, {})))
        errors.erase(old);
    progress.done(units[i]->id);
    if (errors.empty())
      return;
    const std::lock_guard lock(mutex);
    for (const Failure &error : errors)
      result[units[i]].places.push_back(error.first);
    for (const FileFact &file : facts.files)
      result[units[i]].files.insert(file.path);
  });
  return result;
}

// Drops objects until no unit has an error that it had not before.
void keep_what_parses(ConstFix &fix, const Contents &contents, const LinkedTree &linked,
                      const AnalysisOptions &options) {
  std::vector<const CompileUnit *> units;
  std::set<std::pair<std::string, std::string>> failed; // nothing is known of their errors, and they may be endless
  for (const UnitSummary &unit : linked.program.units)
    if (unit.status == UnitStatus::failed)
      failed.emplace(unit.id, unit.config);
  for (const CompileUnit &unit : linked.tree.units)
    if (!failed.contains({unit.id, unit.config}))
      units.push_back(&unit);
  while (!units.empty() && !fix.objects().empty()) {
    const auto failing =
        new_errors(units, {linked.tree.root, linked.tree.build}, contents.edited(fix, linked.tree.root), options);
    units.clear();
    std::vector<ConstFix::Errors> errors;
    for (const auto &[unit, of_unit] : failing) {
      units.push_back(unit);
      errors.push_back(of_unit);
    }
    fix.reject(errors);
  }
}

// Drops what does not parse; what is left can be written.
struct CheckedFix {
  ConstFix fix;
  Contents contents;
  std::size_t candidates;
};

Result<CheckedFix> check(const LinkedTree &linked, const Report &report, const AnalysisOptions &options) {
  ConstFix fix(linked.program, report);
  Result<Contents> contents = read_contents(fix, linked.tree.root);
  if (!contents)
    return tl::unexpected(contents.error());
  const std::size_t candidates = fix.objects().size();
  keep_what_parses(fix, *contents, linked, options);
  return CheckedFix{std::move(fix), std::move(*contents), candidates};
}

// From a column in bytes to one in UTF-16 code units.
unsigned utf16_column(const std::string &content, const Place &place) {
  const auto lines = split(content, '\n');
  if (place.line == 0 || place.line > lines.size() || place.column == 0)
    return place.column;
  return static_cast<unsigned>(utf16_length(lines[place.line - 1].substr(0, place.column - 1))) + 1;
}

} // namespace

Result<std::map<std::string, std::vector<Place>>> const_places(const LinkedTree &linked, const Report &report,
                                                               const AnalysisOptions &options) {
  const Result<CheckedFix> checked = check(linked, report, options);
  if (!checked)
    return tl::unexpected(checked.error());
  std::map<std::string, std::vector<Place>> places = checked->fix.places();
  for (auto &[id, of_object] : places)
    for (Place &place : of_object)
      place.column = utf16_column(checked->contents.before.at(place.file), place);
  return places;
}

int run_const_fix(const LinkedTree &linked, const Report &report, const AnalysisOptions &options, bool dry_run) {
  const Result<CheckedFix> checked = check(linked, report, options);
  if (!checked)
    return report_error(checked.error());
  const ConstFix &fix = checked->fix;

  std::string diff;
  for (const std::string &file : fix.files()) {
    const std::string &before = checked->contents.before.at(file);
    const std::string after = fix.apply(file, before);
    diff += unified_diff(file, before, after);
    if (dry_run)
      continue;
    if (const auto written = write_output(linked.tree.root + "/" + file, after); !written)
      return report_error(written.error());
  }
  std::cerr << "ringfence: const for " << fix.objects().size() << " of " << count_of(checked->candidates, "object")
            << " in " << count_of(fix.files().size(), "file") << "; the others do not parse with it in every unit\n";
  const auto printed = dry_run ? write_output("", diff) : Result<std::monostate>();
  return printed ? exit_clean : report_error(printed.error());
}

} // namespace ringfence
