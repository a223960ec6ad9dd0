#include "rewrite/shared_statics.h"

#include <algorithm>

#include "base/path.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

const StaticUses *shared_uses(const UnitUses &unit, const std::string &name) {
  const auto at = std::ranges::find_if(
      unit.statics, [&](const StaticUses &uses) { return uses.name == name && !uses.in_headers.empty(); });
  return at == unit.statics.end() ? nullptr : &*at;
}

} // namespace

SharedStatics::SharedStatics(const StageInput &input, const std::vector<UnitUses> &units, const Obstacle &obstacle)
    : input_(input), units_(units) {
  for (const ReportedObject &object : input.report.objects) {
    if (!is_to_move(input, object))
      continue;
    for (const UnitUses &unit : units)
      if (path_below(unit.file, input.tree.root) == object.place.file)
        if (const StaticUses *uses = shared_uses(unit, object.name); uses && !known_.contains(object.subject.id()))
          consider(object, unit, *uses, obstacle);
  }
  std::ranges::sort(groups, {}, [](const SharedGroup &group) { return std::pair(group.owner, group.header); });
}

void SharedStatics::consider(const ReportedObject &object, const UnitUses &owner, const StaticUses &uses,
                             const Obstacle &obstacle) {
  known_.insert(object.subject.id());
  Component component{object.subject.id(), uses.name, "", false, uses};
  std::set<Span> all;
  for (const UnitUses &unit : units_)
    if (const StaticUses *its = shared_uses(unit, uses.name)) {
      all.insert(its->uses.begin(), its->uses.end());
      if (&unit != &owner)
        component.uses.passed.insert(component.uses.passed.end(), its->passed.begin(), its->passed.end());
    }
  std::string reason = refusal_by_facts(input_, object);
  if (reason.empty())
    reason = obstacle_of(uses, all);
  if (reason.empty())
    reason = obstacle(object, owner.file, uses);
  if (!reason.empty())
    return refused_.push_back({component.id, std::move(reason)});
  decide_ownership(input_, component);
  const std::string &header = uses.in_headers.front().statement.file;
  auto group = std::ranges::find_if(
      groups, [&](const SharedGroup &other) { return other.owner == owner.file && other.header == header; });
  if (group == groups.end())
    group = groups.insert(groups.end(), {owner.file, header, {}, {}});
  group->uses[component.id] = std::move(all);
  group->components.push_back(std::move(component));
}

// Why not all that says the name can follow, with a place; empty where it can. `all`: the uses in all units.
std::string SharedStatics::obstacle_of(const StaticUses &own, const std::set<Span> &all) const {
  const std::string header = own.in_headers.front().statement.file, place = *path_below(header, input_.tree.root);
  if (own.declarations.empty())
    return own.obstacles.empty() ? place + ": no file that was read defines it" : own.obstacles.front();
  std::set<Span> known = all;
  for (const Declared &declared : own.in_headers) {
    if (declared.statement.file != header)
      return place + ": another header declares it, too";
    if (declared.group.size() != 1)
      return place + ": it is declared together with others";
  }
  for (const UnitUses &unit : units_) {
    const StaticUses *uses = shared_uses(unit, own.name);
    if (!uses)
      continue;
    const std::string file = path_below(unit.file, input_.tree.root).value_or(unit.file);
    if (!unit.read_in_full && !input_.provisional)
      return file + ": it was read in part";
    if (std::ranges::count(units_, unit.file, &UnitUses::file) > 1 && !uses->uses.empty())
      return file + ": several units read it, each in its own way";
    if (!uses->obstacles.empty())
      return uses->obstacles.front();
    if (!uses->pasted.empty())
      return file + ": a macro pastes its name";
  }
  for (const Span &name : own.header_names)
    if (!all.contains(name) && std::ranges::none_of(own.in_headers, [&](const Declared &declared) {
          return declared.statement.contains(name);
        }))
      return place + ": its name stands there once more, in a macro or a branch that no unit reads";
  return mentioned_elsewhere(own);
}

// Other headers: what they say of it, no unit may have read.
std::string SharedStatics::mentioned_elsewhere(const StaticUses &own) const {
  for (const FileFact &file : input_.program.files) {
    const std::string path = input_.tree.root + "/" + file.path;
    if (!file.project || file.path.starts_with('<') || path == own.in_headers.front().statement.file ||
        std::ranges::find_if(units_, [&](const UnitUses &unit) {
          return unit.file == path && shared_uses(unit, own.name);
        }) != units_.end())
      continue;
    if (has_word(input_.files.read(path).value_or(""), own.name))
      return file.path + ": its name stands there, too";
  }
  return {};
}

std::set<std::string> SharedStatics::files() const {
  std::set<std::string> files;
  for (const SharedGroup &group : groups) {
    files.insert({group.owner, group.header});
    for (const auto &[id, uses] : group.uses)
      for (const Span &use : uses)
        files.insert(use.file);
  }
  return files;
}

void SharedStatics::refuse(const Component &component, const SharedGroup &group, const std::string &why) {
  refused_.push_back({component.id, *path_below(group.owner, input_.tree.root) + ":" +
                                        std::to_string(component.uses.line) + ": " + why});
}

bool SharedStatics::reject(const std::string &path, const std::string &content, const Complaint &complaint, bool all) {
  const auto at_fault = [&](const SharedGroup &group, const Component &component) {
    if (complaint.line == 0)
      return has_word(complaint.new_line, component.member);
    const auto on_line = [&](const Span &span) {
      return span.file == path && line_of(content, span.begin) == complaint.line;
    };
    return std::ranges::any_of(group.uses.at(component.id), on_line) ||
           std::ranges::any_of(component.uses.declarations, on_line, &Declared::statement);
  };
  const bool any = std::ranges::any_of(groups, [&](const SharedGroup &group) {
    return std::ranges::any_of(group.components,
                               [&](const Component &component) { return at_fault(group, component); });
  });
  if (!any && !all)
    return false;
  for (SharedGroup &group : groups)
    std::erase_if(group.components, [&](const Component &component) {
      if (any && !at_fault(group, component))
        return false;
      refuse(component, group, "it does not compile when moved: " + complaint.message);
      group.uses.erase(component.id);
      return true;
    });
  std::erase_if(groups, [](const SharedGroup &group) { return group.components.empty(); });
  return true;
}

} // namespace ringfence
