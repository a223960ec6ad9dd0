#include "fix/const_fix.h"

#include <algorithm>
#include <iterator>

namespace ringfence {
namespace {

constexpr std::string_view insertion = "const ";

bool in_tree(const Program &program, Index file) {
  return program.files[file].project && !program.files[file].path.starts_with('<');
}

// The objects that have declarations, each of which can be edited.
std::set<Index> editable(const Program &program) {
  std::set<Index> objects, barred;
  for (const ConstPoint &point : program.const_points)
    (point.possible && in_tree(program, point.location.file) ? objects : barred).insert(point.object);
  std::erase_if(objects, [&](Index object) { return barred.contains(object); });
  return objects;
}

} // namespace

ConstFix::ConstFix(const Program &program, const Report &report) : program_(program) {
  std::set<std::string> wanted;
  for (const ReportedObject &object : report.objects)
    if (object.verdict == "effectively-constant" && !object.suppressed)
      wanted.insert(object.subject.id());
  for (const Index object : editable(program))
    if (wanted.contains(program.objects[object].id))
      objects_.insert(object);

  const auto mention = [&](Index object, const Location &location) {
    if (objects_.contains(object) && location.file != none)
      mentions_[{program.files[location.file].path, location.line}].insert(object);
  };
  for (const ConstPoint &point : program.const_points)
    mention(point.object, point.location);
  for (const Access &access : program.accesses)
    mention(access.object, access.location);
  for (const InitialiserEntry &entry : program.initialisers)
    if (entry.kind == InitialiserEntry::Kind::object)
      mention(entry.target, entry.location);
}

std::set<std::string> ConstFix::files() const {
  std::set<std::string> files;
  for (const ConstPoint &point : program_.const_points)
    if (objects_.contains(point.object))
      files.insert(program_.files[point.location.file].path);
  return files;
}

std::string ConstFix::apply(const std::string &file, const std::string &content) const {
  std::set<std::pair<unsigned, unsigned>> places; // line and column, from 1
  for (const ConstPoint &point : program_.const_points)
    if (objects_.contains(point.object) && program_.files[point.location.file].path == file)
      places.emplace(point.location.line, point.location.column);
  std::string result;
  std::size_t copied = 0, line_start = 0;
  unsigned line = 1;
  for (const auto &[at_line, at_column] : places) {
    for (; line < at_line && line_start < content.size(); ++line)
      line_start = std::min(content.find('\n', line_start), content.size() - 1) + 1;
    const std::size_t at = std::min(line_start + at_column - 1, content.size());
    result.append(content, copied, at - copied).append(insertion);
    copied = at;
  }
  return result.append(content, copied);
}

std::set<Index> ConstFix::suspects(const Place &place) const {
  std::set<Index> on_line, in_file;
  for (auto at = mentions_.lower_bound({place.file, 0}); at != mentions_.end() && at->first.file == place.file; ++at)
    for (const Index object : at->second)
      if (objects_.contains(object)) {
        in_file.insert(object);
        if (at->first.line == place.line)
          on_line.insert(object);
      }
  return on_line.empty() ? in_file : on_line;
}

std::set<Index> ConstFix::suspects(const Errors &unit) const {
  std::set<Index> found;
  for (const Place &place : unit.places)
    found.merge(suspects(place));
  if (!found.empty())
    return found;
  for (const auto &[line, objects] : mentions_)
    if (unit.files.contains(line.file))
      std::set_intersection(objects.begin(), objects.end(), objects_.begin(), objects_.end(),
                            std::inserter(found, found.end()));
  return found.empty() ? objects_ : found;
}

bool ConstFix::reject(const std::vector<Errors> &units) {
  std::set<Index> dropped;
  for (const Errors &unit : units)
    dropped.merge(suspects(unit));
  for (const Index object : dropped)
    objects_.erase(object);
  return !dropped.empty();
}

std::map<std::string, std::vector<Place>> ConstFix::places() const {
  std::map<std::string, std::vector<Place>> places;
  for (const ConstPoint &point : program_.const_points)
    if (objects_.contains(point.object))
      places[program_.objects[point.object].id].push_back(
          {program_.files[point.location.file].path, point.location.line, point.location.column});
  return places;
}

std::vector<std::string> ConstFix::objects() const {
  std::vector<std::string> ids;
  ids.reserve(objects_.size());
  for (const Index object : objects_)
    ids.push_back(program_.objects[object].id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

} // namespace ringfence
