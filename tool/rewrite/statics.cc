#include "rewrite/statics.h"

#include <algorithm>

#include "base/path.h"
#include "base/text.h"
#include "knowledge/source_names.h"
#include "link/ranges.h"
#include "report/names.h"
#include "rewrite/shared_statics.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

const StaticUses *uses_of(const ReportedObject &object, const UnitUses &unit) {
  const auto same_name = [&](const StaticUses &uses) { return uses.name == object.name; };
  const auto at = std::ranges::find_if(
      unit.statics, [&](const StaticUses &uses) { return same_name(uses) && uses.line == object.place.line; });
  if (at != unit.statics.end())
    return &*at;
  // The facts have the place of the definition, which a declaration may stand before.
  return std::ranges::count_if(unit.statics, same_name) == 1 ? &*std::ranges::find_if(unit.statics, same_name)
                                                             : nullptr;
}

bool is_used_elsewhere(const Program &program, Index object) {
  return std::ranges::any_of(accesses_of(program, object), [&](const Access &access) {
    return access.location.file != program.objects[object].location.file;
  });
}

std::string place_of(const ReportedObject &object) {
  return object.place.file + ":" + std::to_string(object.place.line) + ": ";
}

// Why the object stays wherever it would go; empty where it can move. `unit` and `uses` are NULL where none is its own.
std::string refusal_of(const StageInput &input, const ReportedObject &object, const UnitUses *unit,
                       const StaticUses *uses) {
  const std::string place = place_of(object);
  if (std::string reason = refusal_by_facts(input, object); !reason.empty())
    return reason;
  const Index index = object_of(input.program, object.subject.id());
  const Object &facts = input.program.objects[index];
  if (facts.external_linkage && (facts.in_header || is_used_elsewhere(input.program, index)))
    return place + "it has external linkage, and other units use it";
  if (!unit || !uses)
    return place + "no unit declares it in its own file, as a variable that can change";
  if (!unit->read_in_full && !input.provisional)
    return object.place.file + ": it was read in part";
  if (!uses->obstacles.empty())
    return uses->obstacles.front();
  if (!uses->in_headers.empty())
    return place + "a header declares it, for other units";
  if (uses->declarations.empty() || (uses->uses.empty() && uses->pasted.empty()))
    return place + "nothing uses it";
  return {};
}

// Whether each call that takes the reference over follows, in its function, a Py_INCREF of its own.
bool keeps_its_reference(const std::vector<Passed> &passed, const Knowledge &tables, std::string &taker) {
  std::map<std::string, int> given; // by function: references made for others and not yet taken
  for (const Passed &pass : passed) {
    const ApiEntry *entry = tables.function(pass.callee);
    if (is_one_of(source_name::gives_reference, pass.callee))
      ++given[pass.function];
    else if (entry && entry->has("steals-reference") && --given[pass.function] < 0) {
      taker = pass.callee;
      return false;
    }
  }
  return true;
}

} // namespace

// A reference is dropped at the end of the interpreter only where it is known to be the static's own: everything stored
// is a new object, and no function that may steal it gets it.
void decide_ownership(const StageInput &input, Component &component) {
  const Index index = object_of(input.program, component.id);
  const TypeFacts &type = input.program.objects[index].type;
  if (!type.pointer || !type.scalar || !type.reaches_object)
    return; // no reference
  bool stored = false;
  for (const Index site : input.program.writes[index].sites) {
    const Access &access = input.program.accesses[site];
    if (!access.path.empty() || access.stored.kind == StoredValue::Kind::null)
      continue;
    const ApiEntry *callee =
        access.stored.kind == StoredValue::Kind::call ? input.tables.function(access.stored.callee) : nullptr;
    if (!callee || callee->returns != "new-object") {
      component.note = "not released at the end of an interpreter: what is stored in line " +
                       std::to_string(access.location.line) + " may be borrowed";
      return;
    }
    stored = true;
  }
  if (std::string taker; !keeps_its_reference(component.uses.passed, input.tables, taker))
    component.note = "not released at the end of an interpreter: " + taker + " takes the reference over";
  else
    component.released = stored;
}

std::string refusal_by_facts(const StageInput &input, const ReportedObject &object) {
  const std::string place = place_of(object);
  const Index index = object_of(input.program, object.subject.id());
  if (index == none)
    return place + "only macros that the build may define make it: record the build with `ringfence capture`";
  if (input.program.objects[index].type.type_by_value)
    return place + "a static type becomes a heap type, which is another stage";
  if (input.program.objects[index].type.lock)
    return place + "a lock guards what the process shares";
  return object.generated_by.empty() ? std::string()
                                     : place + object.generated_by + " writes this file: change what it is made from";
}

namespace {

// A function's static is named for its function where its own name is taken.
void name_members(FileStatics &file) {
  std::set<std::string> taken;
  std::ranges::sort(file.components, {}, [](const Component &c) { return std::pair(c.uses.line, c.uses.column); });
  for (Component &component : file.components) {
    const std::string &name = component.uses.name;
    std::string member = name;
    if (taken.contains(member))
      for (const BodySpan &body : file.bodies)
        if (!component.uses.foreign && body.body.contains(component.uses.declarations[0].statement))
          member = body.name + "_" + name;
    for (int n = 2; taken.contains(member); ++n)
      member = name + std::to_string(n);
    taken.insert(member);
    component.member = member;
  }
}

// The units that use their own copy of what a header outside the tree declares.
std::vector<const UnitUses *> units_with_foreign(const StageInput &input, const ReportedObject &object,
                                                 const std::vector<UnitUses> &units) {
  std::vector<const UnitUses *> found;
  if (path_below(input.tree.root + "/" + object.place.file, input.tree.root) && !object.place.file.starts_with('<'))
    return found;
  for (const UnitUses &unit : units)
    if (const StaticUses *uses = uses_of(object, unit); uses && uses->foreign && uses->first_use > 0)
      found.push_back(&unit);
  return found;
}

std::string refusal_text(const StageInput &input, const std::string &path, const Component &component,
                         const std::string &why) {
  return *path_below(path, input.tree.root) + ":" + std::to_string(component.uses.line) + ": " + why;
}

} // namespace

MovableStatics::MovableStatics(const StageInput &input, const std::vector<UnitUses> &units, const Obstacle &obstacle,
                               const SharedStatics *shared)
    : input_(input) {
  std::map<std::string, std::vector<const UnitUses *>> by_file;
  for (const UnitUses &unit : units)
    if (const auto below = path_below(unit.file, input.tree.root))
      by_file[*below].push_back(&unit);
  for (const ReportedObject &object : input.report.objects) {
    if (!is_to_move(input, object) || (shared && shared->has(object.subject.id())))
      continue;
    if (const auto foreign = units_with_foreign(input, object, units); !foreign.empty()) {
      move_foreign(object, foreign, obstacle);
      continue;
    }
    const auto &of_file = by_file[object.place.file];
    const UnitUses *unit = of_file.size() == 1 ? of_file.front() : nullptr;
    const StaticUses *uses = unit ? uses_of(object, *unit) : nullptr;
    std::string reason = of_file.size() > 1 ? object.place.file + ": several units read it, each in its own way"
                                            : refusal_of(input, object, unit, uses);
    if (reason.empty())
      reason = obstacle(object, unit->file, *uses);
    if (!reason.empty()) {
      refused_.push_back({object.subject.id(), std::move(reason)});
      continue;
    }
    Component component{object.subject.id(), "", "", false, *uses};
    decide_ownership(input, component);
    add(*unit, std::move(component));
  }
  for (const UnitUses &unit : units)
    for (const StaticUses &uses : unit.statics)
      for (const Span &pasted : uses.pasted)
        pasted_[pasted].insert(uses.name);
  for (auto &[path, file] : files)
    name_members(file);
  drop_torn_names();
}

void MovableStatics::add(const UnitUses &unit, Component component) {
  FileStatics &file = files[unit.file];
  file.components.push_back(std::move(component));
  file.top_level = unit.top_level;
  file.bodies = unit.bodies;
}

// Each unit gets a member and a macro of the name. All of them do, or none.
void MovableStatics::move_foreign(const ReportedObject &object, const std::vector<const UnitUses *> &units,
                                  const Obstacle &obstacle) {
  const auto reason_of = [&](const UnitUses &unit) -> std::string {
    const std::string file = path_below(unit.file, input_.tree.root).value_or(unit.file);
    if (!unit.read_in_full && !input_.provisional)
      return file + ": it was read in part";
    if (std::ranges::count(units, unit.file, [](const UnitUses *other) { return other->file; }) > 1)
      return file + ": several units read it, each in its own way";
    const StaticUses &uses = *uses_of(object, unit);
    return uses.obstacles.empty() ? obstacle(object, unit.file, uses) : uses.obstacles.front();
  };
  for (const UnitUses *unit : units)
    if (std::string reason = reason_of(*unit); !reason.empty()) {
      refused_.push_back({object.subject.id(), std::move(reason)});
      return;
    }
  for (const UnitUses *unit : units)
    add(*unit,
        {object.subject.id(), "", "in each unit that uses it, by a macro of its name", false, *uses_of(object, *unit)});
}

// A macro that makes names by pasting is edited where all of the names move, each under its own.
void MovableStatics::drop_torn_names() {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto &[path, file] : files) {
      const auto moves = [&](const std::string &name) {
        return std::ranges::any_of(file.components, [&](const Component &component) {
          return component.uses.name == name && component.member == name;
        });
      };
      changed |= std::erase_if(file.components, [&](const Component &component) {
                   const bool torn = std::ranges::any_of(component.uses.pasted, [&](const Span &pasted) {
                     return !std::ranges::all_of(pasted_.at(pasted), moves);
                   });
                   if (torn)
                     refused_.push_back({component.id, refusal_text(input_, path, component,
                                                                    "a macro pastes its name, and others that stay")});
                   return torn;
                 }) > 0;
    }
  }
  std::erase_if(files, [](const auto &entry) { return entry.second.components.empty(); });
}

std::vector<Refusal> MovableStatics::refused() const {
  std::vector<Refusal> sorted = refused_;
  std::ranges::sort(sorted, {}, &Refusal::object);
  return sorted;
}

bool MovableStatics::reject(const std::string &path, const std::string &content, const Complaint &complaint) {
  const auto found = files.find(path);
  if (found == files.end())
    return false;
  std::vector<Component> &components = found->second.components;
  const auto at_fault = [&](const Component &component) {
    if (complaint.line == 0)
      return complaint.new_line.find(member_text(component) + ";") != std::string::npos;
    const auto on_line = [&](const Span &span) { return line_of(content, span.begin) == complaint.line; };
    return std::ranges::any_of(component.uses.uses, on_line) || std::ranges::any_of(component.uses.pasted, on_line) ||
           std::ranges::any_of(component.uses.declarations, on_line, &Declared::statement);
  };
  const bool any = std::ranges::any_of(components, at_fault);
  std::erase_if(components, [&](const Component &component) {
    if (any && !at_fault(component))
      return false;
    refused_.push_back(
        {component.id, refusal_text(input_, path, component, "it does not compile when moved: " + complaint.message)});
    return true;
  });
  drop_torn_names();
  return true;
}

std::string member_text(const Component &component) {
  std::string text = component.uses.member;
  return text.replace(component.uses.name_at, component.uses.name.size(), component.member);
}

std::string member_line(const Component &component, const std::string &content) {
  if (component.uses.declarations.empty())
    return "    " + member_text(component) + ";\n";
  const Declared &declared = component.uses.declarations.back();
  const std::string_view comment =
      declared.group.size() > 1 ? std::string_view() : trailing_comment(content, declared.statement);
  return "    " + member_text(component) + ";" + (comment.empty() ? "" : "  ") + std::string(comment) + "\n";
}

// An array or a struct is made as a local, for only a declaration takes its initialiser.
std::string first_value(const Component &component, const std::string &owner) {
  const std::string member = owner + "->" + component.member;
  if (component.uses.initialiser.empty())
    return {};
  if (!component.uses.aggregate_initialiser)
    return "    " + member + " = " + component.uses.initialiser + ";\n";
  return "    {\n        " + component.uses.member + " = " + component.uses.initialiser + ";\n        memcpy(&" +
         member + ", &" + component.uses.name + ", sizeof(" + member + "));\n    }\n";
}

void remove_declarations(const FileStatics &file, const std::string &content, std::vector<Edit> &edits) {
  std::map<Span, std::pair<const Declared *, std::set<unsigned>>> statements;
  for (const Component &component : file.components)
    for (const Declared &declared : component.uses.declarations) {
      auto &[any, moved] = statements[declared.statement];
      any = &declared;
      moved.insert(declared.own);
    }
  for (const auto &[statement, entry] : statements) {
    const auto &[declared, moved] = entry;
    std::vector<std::string> rest;
    for (unsigned i = 0; i < declared->group.size(); ++i)
      if (!moved.contains(i))
        rest.push_back(content.substr(declared->group[i].begin, declared->group[i].end - declared->group[i].begin));
    edits.push_back(rest.empty() ? removal_of(content, statement)
                                 : Edit{declared->group.front().begin, declared->group.back().end, join(rest, ", ")});
  }
}

bool is_to_move(const StageInput &input, const ReportedObject &object) {
  return !object.suppressed && is_asked_for(input, object.subject.id(), object.name, object.place.file) &&
         (!input.only.empty() || risk_of(object.risk, Profile::own_gil) >= Risk::medium);
}

bool is_asked_for(const StageInput &input, const std::string &id, const std::string &name, const std::string &file) {
  const auto has = [](const std::vector<std::string> &words, const std::string &word) {
    return std::ranges::find(words, word) != words.end();
  };
  if (!input.only.empty() && !has(input.only, id) && !has(input.only, name))
    return false;
  return input.modules.empty() || std::ranges::any_of(input.program.modules, [&](const Module &module) {
           if (!has(input.modules, module.name))
             return false;
           return std::ranges::any_of(input.program.units, [&](const UnitSummary &unit) {
             return unit.file == file && std::ranges::find(module.units, unit.id) != module.units.end();
           });
         });
}

} // namespace ringfence
