// Stage `slots`: statics become members of one struct for each interpreter, which the runtime library keeps
// (runtime/include/ringfence.h). An object moves with all of its declarations and uses, or not at all.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/path.h"
#include "base/text.h"
#include "extract/spans/object_uses.h"
#include "knowledge/source_names.h"
#include "link/ranges.h"
#include "report/names.h"
#include "rewrite/edits.h"
#include "rewrite/stage.h"
#include "rewrite/text_places.h"
#include "rewrite/units.h"

namespace ringfence {
namespace {

constexpr std::string_view c_source = ".c", header_name = "ringfence.h";

Index index_of(const Program &program, const std::string &id) {
  const auto at = std::ranges::lower_bound(program.objects, id, {}, &Object::id);
  return at != program.objects.end() && at->id == id ? static_cast<Index>(at - program.objects.begin()) : none;
}

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

struct Component {
  std::string id, member, note;
  bool released = false; // its reference is dropped when the interpreter ends
  StaticUses uses;
};

struct File {
  std::string slot;                  // name in RF_STATE
  std::vector<Component> components; // by place
  std::vector<Span> top_level;
  std::vector<BodySpan> bodies;
};

// The member's declaration with its name in the struct.
std::string member_text(const Component &component) {
  std::string text = component.uses.member;
  return text.replace(component.uses.name_at, component.uses.name.size(), component.member);
}

std::string comment_of(const Component &component, const std::string &content) {
  if (component.uses.declarations.empty())
    return {};
  const Declared &declared = component.uses.declarations.back();
  return declared.group.size() > 1 ? std::string() : std::string(trailing_comment(content, declared.statement));
}

// An array or a struct is made as a local, for only a declaration takes its initialiser.
std::string init_text(const Component &component) {
  const std::string member = "s->" + component.member;
  if (!component.uses.aggregate_initialiser)
    return "    " + member + " = " + component.uses.initialiser + ";\n";
  return "    {\n        " + component.uses.member + " = " + component.uses.initialiser + ";\n        memcpy(&" +
         member + ", &" + component.uses.name + ", sizeof(" + member + "));\n    }\n";
}

std::string struct_text(const File &file, const std::string &content) {
  const std::string type = "struct " + file.slot + "_statics", name = file.slot + "_statics";
  std::string text = "/* What was static, once for each interpreter: see ringfence.h. */\n" + type + " {\n";
  std::string init, clear, macros;
  for (const Component &component : file.components) {
    if (component.uses.foreign) { // within itself, a macro's name is not expanded again
      macros += "#define " + component.uses.name + " (RF_GET(" + file.slot + ")->" + component.member + ")\n";
      init += "    (void)" + component.uses.name + "; /* the header's own is used no more */\n";
    }
    const std::string comment = comment_of(component, content);
    text += "    " + member_text(component) + ";" + (comment.empty() ? "" : "  ") + comment + "\n";
    if (!component.uses.initialiser.empty())
      init += init_text(component);
    if (component.released)
      clear += "    Py_CLEAR(s->" + component.member + ");\n";
  }
  text += "};\n";
  if (!init.empty())
    text += "static int " + name + "_init(" + type + " *s)\n{\n" + init + "    return 0;\n}\n";
  if (!clear.empty())
    text += "static void " + name + "_clear(" + type + " *s)\n{\n" + clear + "}\n";
  return text + "RF_STATE(" + file.slot + ", " + type + ", " + (init.empty() ? "NULL" : name + "_init") + ", " +
         (clear.empty() ? "NULL" : name + "_clear") + ")\n" + macros + "\n";
}

// Takes from each statement the declarators that move, and the statement where all do.
void remove_declarations(const File &file, const std::string &content, std::vector<Edit> &edits) {
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

class Slots final : public Stage {
public:
  Slots(const StageInput &input, std::string folder);

  std::vector<std::string> files() const override;
  std::string apply(const std::string &path, const std::string &content) const override;
  void reject(const std::string &path, const std::string &content, const Complaint &complaint) override;
  StagePlan plan() const override;

private:
  // Why the object stays; empty where it can move. `unit` and `uses` are NULL where none is its own.
  std::string refusal_of(const ReportedObject &object, const UnitUses *unit, const StaticUses *uses) const;
  std::string single_phase_module_of(const std::string &file) const;
  bool is_used_elsewhere(Index object) const;
  std::vector<const UnitUses *> units_with_foreign(const ReportedObject &object,
                                                   const std::vector<UnitUses> &units) const;
  void move_foreign(const ReportedObject &object, const std::vector<const UnitUses *> &units);
  void add(const UnitUses &unit, Component component);
  void decide_ownership(Index object, Component &component) const;
  bool asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const;
  std::string header_for(const std::string &file) const;
  void drop_torn_names();
  static void name_members(File &file);

  const StageInput &input_;
  const Program &program_;
  std::string folder_;
  std::map<std::string, File> components_;       // by absolute path
  std::map<Span, std::set<std::string>> pasted_; // what stands before `##`: the names that are made of it
  std::vector<Refusal> refused_;
};

Slots::Slots(const StageInput &input, std::string folder)
    : input_(input), program_(input.program), folder_(std::move(folder)) {
  const std::vector<UnitUses> units = read_c_units(input, read_static_uses);
  std::map<std::string, std::vector<const UnitUses *>> by_file;
  for (const UnitUses &unit : units)
    if (const auto below = path_below(unit.file, input.tree.root))
      by_file[*below].push_back(&unit);
  for (const ReportedObject &object : input.report.objects) {
    if (object.suppressed || !is_asked_for(input, object.subject.id(), object.name, object.place.file) ||
        (input.only.empty() && risk_of(object.risk, Profile::own_gil) < Risk::medium))
      continue;
    if (const auto foreign = units_with_foreign(object, units); !foreign.empty()) {
      move_foreign(object, foreign);
      continue;
    }
    const auto &of_file = by_file[object.place.file];
    const UnitUses *unit = of_file.size() == 1 ? of_file.front() : nullptr;
    const StaticUses *uses = unit ? uses_of(object, *unit) : nullptr;
    std::string reason = of_file.size() > 1 ? object.place.file + ": several units read it, each in its own way"
                                            : refusal_of(object, unit, uses);
    if (!reason.empty()) {
      refused_.push_back({object.subject.id(), std::move(reason)});
      continue;
    }
    Component component{object.subject.id(), "", "", false, *uses};
    decide_ownership(index_of(program_, object.subject.id()), component);
    add(*unit, std::move(component));
  }
  for (const UnitUses &unit : units)
    for (const StaticUses &uses : unit.statics)
      for (const Span &pasted : uses.pasted)
        pasted_[pasted].insert(uses.name);
  std::set<std::string> taken;
  for (auto &[path, file] : components_) {
    for (const std::string text = input.files.read(path).value_or("");
         file.slot.empty() || has_word(text, file.slot + "_statics");) {
      file.slot = name_of_file(path, taken);
      taken.insert(file.slot);
    }
    name_members(file);
    if (folder_.empty())
      folder_ = parent_folder(path);
  }
  drop_torn_names();
}

void Slots::add(const UnitUses &unit, Component component) {
  File &file = components_[unit.file];
  file.components.push_back(std::move(component));
  file.top_level = unit.top_level;
  file.bodies = unit.bodies;
}

// The units that use their own copy of what a header outside the tree declares.
std::vector<const UnitUses *> Slots::units_with_foreign(const ReportedObject &object,
                                                        const std::vector<UnitUses> &units) const {
  std::vector<const UnitUses *> found;
  if (path_below(input_.tree.root + "/" + object.place.file, input_.tree.root) && !object.place.file.starts_with('<'))
    return found;
  for (const UnitUses &unit : units)
    if (const StaticUses *uses = uses_of(object, unit); uses && uses->foreign && uses->first_use > 0)
      found.push_back(&unit);
  return found;
}

// Each unit gets a member and a macro of the name. All of them do, or none.
void Slots::move_foreign(const ReportedObject &object, const std::vector<const UnitUses *> &units) {
  const auto reason_of = [&](const UnitUses &unit) -> std::string {
    const std::string file = path_below(unit.file, input_.tree.root).value_or(unit.file);
    if (!unit.read_in_full)
      return file + ": it was read in part";
    if (std::ranges::count(units, unit.file, [](const UnitUses *other) { return other->file; }) > 1)
      return file + ": several units read it, each in its own way";
    const StaticUses &uses = *uses_of(object, unit);
    if (!uses.obstacles.empty())
      return uses.obstacles.front();
    const std::string module = single_phase_module_of(file);
    return module.empty() ? std::string()
                          : file + ": the init of " + module +
                                " sets it, and runs once for all interpreters (m_size -1): convert the module to "
                                "multi-phase init first";
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
void Slots::drop_torn_names() {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto &[path, file] : components_) {
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
                     refused_.push_back({component.id, component.uses.declarations[0].statement.file.empty()
                                                           ? "a macro pastes its name"
                                                           : *path_below(path, input_.tree.root) + ":" +
                                                                 std::to_string(component.uses.line) +
                                                                 ": a macro pastes its name, and others that stay"});
                   return torn;
                 }) > 0;
    }
  }
  std::erase_if(components_, [](const auto &entry) { return entry.second.components.empty(); });
}

std::string Slots::refusal_of(const ReportedObject &object, const UnitUses *unit, const StaticUses *uses) const {
  const std::string place = object.place.file + ":" + std::to_string(object.place.line) + ": ";
  const Index index = index_of(program_, object.subject.id());
  if (index == none)
    return place + "the program does not know it";
  const Object &facts = program_.objects[index];
  if (!object.place.file.ends_with(c_source))
    return place + "only statics of C sources move; in C++ and headers they stay";
  if (facts.type.type_by_value)
    return place + "a static type becomes a heap type, which is another stage";
  if (facts.external_linkage && (facts.in_header || is_used_elsewhere(index)))
    return place + "it has external linkage, and other units use it";
  if (facts.type.lock)
    return place + "a lock guards what the process shares";
  if (!object.generated_by.empty())
    return place + object.generated_by + " writes this file: change what it is made from";
  if (!unit || !uses)
    return place + "no unit declares it in its own file, as a variable that can change";
  if (!unit->read_in_full)
    return object.place.file + ": it was read in part";
  if (!uses->obstacles.empty())
    return uses->obstacles.front();
  if (uses->declarations.empty() || (uses->uses.empty() && uses->pasted.empty()))
    return place + "nothing uses it";
  const WriteClass writes = program_.writes[index].writes;
  if (const std::string module = single_phase_module_of(object.place.file);
      !module.empty() && (writes == WriteClass::init || writes == WriteClass::exec))
    return place + "the init of " + module +
           " sets it, and runs once for all interpreters (m_size -1): convert the module "
           "to multi-phase init first";
  return {};
}

std::string Slots::single_phase_module_of(const std::string &file) const {
  for (const Module &module : program_.modules) {
    if (module.init != InitKind::single_phase || module.state_size != -1)
      continue;
    for (const UnitSummary &unit : program_.units)
      if (unit.file == file && std::ranges::find(module.units, unit.id) != module.units.end())
        return module.name;
  }
  return {};
}

bool Slots::is_used_elsewhere(Index object) const {
  return std::ranges::any_of(accesses_of(program_, object), [&](const Access &access) {
    return access.location.file != program_.objects[object].location.file;
  });
}

// Whether each call that takes the reference over follows, in its function, a Py_INCREF of its own.
bool keeps_its_reference(const std::vector<Passed> &passed, const Knowledge &tables, std::string &taker) {
  std::map<std::string, int> given; // by function: references made for others and not yet taken
  for (const Passed &pass : passed) {
    const ApiEntry *entry = tables.function(pass.callee);
    if (source_name::is_one_of(source_name::gives_reference, pass.callee))
      ++given[pass.function];
    else if (entry && entry->has("steals-reference") && --given[pass.function] < 0) {
      taker = pass.callee;
      return false;
    }
  }
  return true;
}

// A reference is dropped at the end of the interpreter only where it is known to be the static's own: everything stored
// is a new object, and no function that may steal it gets it.
void Slots::decide_ownership(Index index, Component &component) const {
  const TypeFacts &type = program_.objects[index].type;
  if (!type.pointer || !type.scalar || !type.reaches_object)
    return; // no reference
  bool stored = false;
  for (const Index site : program_.writes[index].sites) {
    const Access &access = program_.accesses[site];
    if (!access.path.empty() || access.stored.kind == StoredValue::Kind::null)
      continue;
    const ApiEntry *callee =
        access.stored.kind == StoredValue::Kind::call ? input_.tables.function(access.stored.callee) : nullptr;
    if (!callee || callee->returns != "new-object") {
      component.note = "not released at the end of an interpreter: what is stored in line " +
                       std::to_string(access.location.line) + " may be borrowed";
      return;
    }
    stored = true;
  }
  if (std::string taker; !keeps_its_reference(component.uses.passed, input_.tables, taker))
    component.note = "not released at the end of an interpreter: " + taker + " takes the reference over";
  else
    component.released = stored;
}

// A function's static is named for its function where its own name is taken.
void Slots::name_members(File &file) {
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

StagePlan Slots::plan() const {
  StagePlan plan;
  std::set<std::string> foreign; // one entry for the members of all units
  for (const auto &[path, file] : components_)
    for (const Component &component : file.components)
      if (!component.uses.foreign || foreign.insert(component.id).second)
        plan.moved.push_back({component.id,
                              "RF_GET(" + file.slot + ")->" + component.member +
                                  (component.released ? ", released when its interpreter ends" : ""),
                              component.note});
  plan.refused = refused_;
  std::ranges::sort(plan.refused, {}, &Refusal::object);
  return plan;
}

std::vector<std::string> Slots::files() const {
  std::vector<std::string> files;
  for (const auto &[path, file] : components_)
    files.push_back(path);
  return files;
}

std::string Slots::header_for(const std::string &file) const {
  return std::filesystem::path(folder_ + "/" + std::string(header_name))
      .lexically_relative(parent_folder(file))
      .generic_string();
}

// Whether a function can ask for the state once, when it begins: it uses it more than once, and holds a thread state
// from the first line on, as far as its text says.
bool Slots::asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const {
  if (std::ranges::count_if(uses, [&](const Span &use) { return body.body.contains(use); }) < 2)
    return false;
  const std::string_view text = std::string_view(content).substr(body.body.begin, body.body.end - body.body.begin);
  const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end =
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word) - text.begin();
    const ApiEntry *entry = end > at ? input_.tables.function(text.substr(at, end - at)) : nullptr;
    if (entry && (entry->has("gil-acquire") || entry->has("gilstate-attach") || entry->has("gil-restore")))
      return false;
    at = std::max(end, at + 1);
  }
  return true;
}

std::string Slots::apply(const std::string &path, const std::string &content) const {
  const File &file = components_.at(path);
  std::vector<Span> all_uses;
  unsigned first_use = static_cast<unsigned>(content.size());
  bool copies = false;
  for (const Component &component : file.components) {
    all_uses.insert(all_uses.end(), component.uses.uses.begin(), component.uses.uses.end());
    first_use = std::min(first_use, component.uses.first_use);
    copies |= component.uses.aggregate_initialiser;
  }
  const std::string local = free_name("statics", content);
  std::vector<Edit> edits;
  std::vector<Span> asking;
  for (const BodySpan &body : file.bodies)
    if (asks_once(body, all_uses, content)) {
      asking.push_back(body.body);
      const std::size_t first = content.find_first_not_of(" \t\n", body.body.begin + 1);
      const std::string indent = indentation(content, first);
      edits.push_back({body.body.begin + 1, body.body.begin + 1,
                       "\n" + (indent.empty() ? "    " : indent) + "struct " + file.slot + "_statics *" + local +
                           " = RF_GET(" + file.slot + ");"});
    }
  remove_declarations(file, content, edits);
  for (const Component &component : file.components)
    for (const Span &use : component.uses.pasted)
      edits.push_back({use.begin, use.begin, "RF_GET(" + file.slot + ")->"});
  for (const Component &component : file.components)
    for (const Span &use : component.uses.uses) {
      const bool asked = std::ranges::any_of(asking, [&](const Span &body) { return body.contains(use); });
      edits.push_back({use.begin, use.end, (asked ? local : "RF_GET(" + file.slot + ")") + "->" + component.member});
    }
  unsigned at = first_use;
  for (const Span &declaration : file.top_level)
    if (declaration.begin <= first_use && first_use < declaration.end)
      at = declaration.begin;
  at = static_cast<unsigned>(above(content, line_start(content, at)));
  edits.push_back({at, at,
                   std::string(copies ? "#include <string.h>\n" : "") + "#include \"" + header_for(path) + "\"\n\n" +
                       struct_text(file, content)});
  return apply_edits(content, std::move(edits));
}

void Slots::reject(const std::string &path, const std::string &content, const Complaint &complaint) {
  const auto found = components_.find(path);
  if (found == components_.end())
    return;
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
    refused_.push_back({component.id, *path_below(path, input_.tree.root) + ":" + std::to_string(component.uses.line) +
                                          ": it does not compile when moved: " + complaint.message});
    return true;
  });
  if (components.empty())
    components_.erase(found);
  drop_torn_names();
}

} // namespace

std::unique_ptr<Stage> slots_stage(const StageInput &input, const std::string &folder) {
  return std::make_unique<Slots>(input, folder);
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
