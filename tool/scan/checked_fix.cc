#include "scan/checked_fix.h"

#include <mutex>
#include <set>

#include "base/parallel.h"
#include "base/text.h"
#include "extract/extract.h"

namespace ringfence {
namespace {

using Failure = std::pair<Place, std::string>; // where, and the message

using Contents = std::map<std::string, std::string>; // by root-relative path

EditedFiles edited(const Contents &before, const ConstFix &fix, const std::string &root) {
  EditedFiles files;
  for (const std::string &file : fix.files())
    files[root + "/" + file] = fix.apply(file, before.at(file));
  return files;
}

Result<Contents> read_contents(const ConstFix &fix, const std::string &root, const FileSystem &files) {
  Contents contents;
  for (const std::string &file : fix.files()) {
    Result<std::string> content = files.read(root + "/" + file);
    if (!content)
      return tl::unexpected(content.error());
    contents[file] = std::move(*content);
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

// How units are read.
struct Reading {
  unsigned jobs;
  const FileSystem &files;
  ScanObserver &observer;

  TuFacts facts_of(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles &edited) const {
    if (dynamic_cast<const DiskFileSystem *>(&files))
      return extract_edited(unit, paths, edited);
    return extract_given(unit, paths, files, &edited);
  }
};

// What errors the edits make, by unit.
std::map<const CompileUnit *, ConstFix::Errors> new_errors(const std::vector<const CompileUnit *> &units,
                                                           const ProjectPaths &paths, const EditedFiles &edited,
                                                           const Reading &reading) {
  std::map<const CompileUnit *, ConstFix::Errors> result;
  std::mutex mutex;
  reading.observer.begin(units.size());
  for_each_parallel(units.size(), reading.jobs, [&](std::size_t i) {
    const TuFacts facts = reading.facts_of(*units[i], paths, edited);
    std::set<Failure> errors = errors_of(facts);
    if (!errors.empty())
      for (const Failure &old : errors_of(reading.facts_of(*units[i], paths, {})))
        errors.erase(old);
    reading.observer.done(units[i]->id);
    if (errors.empty())
      return;
    const std::lock_guard lock(mutex);
    for (const Failure &error : errors)
      result[units[i]].places.push_back(error.first);
    for (const FileFact &file : facts.files)
      result[units[i]].files.insert(file.path);
  });
  reading.observer.end();
  return result;
}

// Drops objects until no unit has an error that it had not before.
void keep_what_parses(ConstFix &fix, const Contents &contents, const LinkedTree &linked, const Reading &reading) {
  std::vector<const CompileUnit *> units;
  std::set<std::pair<std::string, std::string>> failed; // nothing is known of their errors, and they may be endless
  for (const UnitSummary &unit : linked.program.units)
    if (unit.status == UnitStatus::failed)
      failed.emplace(unit.id, unit.config);
  for (const CompileUnit &unit : linked.tree.units)
    if (!failed.contains({unit.id, unit.config}))
      units.push_back(&unit);
  while (!units.empty() && !fix.objects().empty()) {
    const auto failing = new_errors(units, {linked.tree}, edited(contents, fix, linked.tree.root), reading);
    units.clear();
    std::vector<ConstFix::Errors> errors;
    for (const auto &[unit, of_unit] : failing) {
      units.push_back(unit);
      errors.push_back(of_unit);
    }
    fix.reject(errors);
  }
}

// From a column in bytes to one in UTF-16 code units.
unsigned utf16_column(const std::string &content, const Place &place) {
  const auto lines = split(content, '\n');
  if (place.line == 0 || place.line > lines.size() || place.column == 0)
    return place.column;
  return static_cast<unsigned>(utf16_length(lines[place.line - 1].substr(0, place.column - 1))) + 1;
}

} // namespace

Result<CheckedFix> check_const_fix(const LinkedTree &linked, const Report &report, unsigned jobs,
                                   const FileSystem &files, ScanObserver &observer) {
  ConstFix fix(linked.program, report);
  Result<Contents> contents = read_contents(fix, linked.tree.root, files);
  if (!contents)
    return tl::unexpected(contents.error());
  const std::size_t candidates = fix.objects().size();
  keep_what_parses(fix, *contents, linked, {jobs, files, observer});
  return CheckedFix{std::move(fix), std::move(*contents), candidates};
}

std::map<std::string, std::vector<Place>> const_places(const CheckedFix &checked) {
  std::map<std::string, std::vector<Place>> places = checked.fix.places();
  for (auto &[id, of_object] : places)
    for (Place &place : of_object)
      place.column = utf16_column(checked.before.at(place.file), place);
  return places;
}

} // namespace ringfence
