#include "rewrite/slots.h"

#include <algorithm>
#include <set>

#include "base/path.h"
#include "base/text.h"
#include "report/names.h"
#include "rewrite/edits.h"

namespace ringfence {
namespace {

constexpr std::string_view c_source = ".c";

Index index_of(const Program &program, const std::string &id) {
  const auto at = std::ranges::lower_bound(program.objects, id, {}, &Object::id);
  return at != program.objects.end() && at->id == id ? static_cast<Index>(at - program.objects.begin()) : none;
}

// A name for C made of a file's: "src/_speed-ups.c" gives "_speed_ups".
std::string slot_name(const std::string &file, const std::set<std::string> &taken) {
  std::string stem(file_name(file));
  stem = stem.substr(0, stem.find('.'));
  std::ranges::replace_if(
      stem, [](unsigned char c) { return !std::isalnum(c); }, '_');
  if (stem.empty() || std::isdigit(static_cast<unsigned char>(stem[0])))
    stem = "m" + stem;
  std::string name = stem;
  for (int n = 2; taken.contains(name); ++n)
    name = stem + std::to_string(n);
  return name;
}

unsigned line_of(const std::string &text, unsigned offset) {
  return 1 + static_cast<unsigned>(
                 std::count(text.begin(), text.begin() + std::min<std::size_t>(offset, text.size()), '\n'));
}

std::size_t line_start(const std::string &text, std::size_t offset) {
  const std::size_t end = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  return end == std::string::npos ? 0 : end + 1;
}

// The comment behind a declaration, where its line ends with it.
std::string_view trailing_comment(std::string_view text, const Span &span) {
  const std::string_view rest = trim(text.substr(span.end, text.find('\n', span.end) - span.end));
  const bool whole = rest.starts_with("//") || (rest.starts_with("/*") && rest.find("*/") == rest.size() - 2);
  return whole ? rest : std::string_view();
}

// The whole line where nothing but a comment stands beside it.
Edit removal_of(const std::string &text, const Span &span) {
  const std::size_t begin = line_start(text, span.begin);
  const std::size_t line_end = text.find('\n', span.end);
  const std::size_t end = line_end == std::string::npos ? text.size() : line_end + 1;
  const std::string_view rest = trim(std::string_view(text).substr(span.end, end - span.end));
  const bool alone =
      trim(std::string_view(text).substr(begin, span.begin - begin)).empty() && rest == trailing_comment(text, span);
  return alone ? Edit{static_cast<unsigned>(begin), static_cast<unsigned>(end), ""} : Edit{span.begin, span.end, ""};
}

// Depth of conditionals before each line's start, by a reading of directives alone.
int conditional_depth(std::string_view text, std::size_t until) {
  int depth = 0;
  for (const std::string_view line : split(text.substr(0, until), '\n')) {
    std::string_view word = trim(line);
    if (!word.starts_with('#'))
      continue;
    word = trim(word.substr(1));
    depth += word.starts_with("if") - word.starts_with("endif");
  }
  return depth;
}

// Before the comment that stands on the lines directly above, and before the conditional that it stands in.
std::size_t above(const std::string &text, std::size_t at) {
  while (at > 0 && conditional_depth(text, at) > 0)
    at = line_start(text, at - 1);
  while (at > 0) {
    const std::size_t previous = line_start(text, at - 1);
    const std::string_view line = trim(std::string_view(text).substr(previous, at - previous));
    if (line.starts_with("//")) {
      at = previous;
      continue;
    }
    const std::size_t open = line.ends_with("*/") ? text.rfind("/*", at) : std::string::npos;
    if (open == std::string::npos || line_start(text, open) != open)
      break;
    at = open;
  }
  return at;
}

const StaticUses *uses_of(const ReportedObject &object, const UnitUses &unit) {
  const auto at = std::ranges::find_if(
      unit.statics, [&](const StaticUses &uses) { return uses.name == object.name && uses.line == object.place.line; });
  return at == unit.statics.end() ? nullptr : &*at;
}

bool is_wanted(const ReportedObject &object, const SlotsRequest &request) {
  if (object.suppressed)
    return false;
  if (request.only.empty())
    return risk_of(object.risk, Profile::own_gil) >= request.at_least;
  return std::ranges::any_of(
      request.only, [&](const std::string &name) { return name == object.subject.id() || name == object.name; });
}

// ---- The text of a slot

// The member's declaration with its name in the struct.
template <class Component> std::string member_text(const Component &component) {
  std::string text = component.uses.member;
  return text.replace(component.uses.name_at, component.uses.name.size(), component.member);
}

template <class File> std::string struct_text(const File &file, const std::string &content) {
  const std::string type = "struct " + file.slot + "_statics";
  std::string text = "/* What was static, once for each interpreter: see ringfence.h. */\n" + type + " {\n";
  std::string init, clear;
  for (const auto &component : file.components) {
    const std::string_view comment = trailing_comment(content, component.uses.declarations.back());
    text += "    " + member_text(component) + ";" + std::string(comment.empty() ? "" : "  ").append(comment) + "\n";
    if (!component.uses.initialiser.empty())
      init += "    s->" + component.member + " = " + component.uses.initialiser + ";\n";
    if (component.released)
      clear += "    Py_CLEAR(s->" + component.member + ");\n";
  }
  text += "};\n";
  const std::string name = file.slot + "_statics";
  if (!init.empty())
    text += "static int " + name + "_init(" + type + " *s)\n{\n" + init + "    return 0;\n}\n";
  if (!clear.empty())
    text += "static void " + name + "_clear(" + type + " *s)\n{\n" + clear + "}\n";
  return text + "RF_STATE(" + file.slot + ", " + type + ", " + (init.empty() ? "NULL" : name + "_init") + ", " +
         (clear.empty() ? "NULL" : name + "_clear") + ")\n\n";
}

} // namespace

SlotsMigration::SlotsMigration(const Program &program, const Report &report, const Knowledge &tables,
                               const std::string &root, const std::vector<UnitUses> &units, const SlotsRequest &request)
    : program_(program), tables_(tables), root_(root) {
  std::map<std::string, std::vector<const UnitUses *>> by_file;
  for (const UnitUses &unit : units)
    if (const auto below = path_below(unit.file, root))
      by_file[*below].push_back(&unit);
  for (const ReportedObject &object : report.objects) {
    if (!is_wanted(object, request))
      continue;
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
    decide_ownership(object, component);
    File &file = components_[unit->file];
    file.components.push_back(std::move(component));
    file.top_level = unit->top_level;
    file.bodies = unit->bodies;
  }
  std::set<std::string> taken;
  for (auto &[path, file] : components_) {
    file.slot = slot_name(path, taken);
    taken.insert(file.slot);
    name_members(file);
  }
}

std::string SlotsMigration::refusal_of(const ReportedObject &object, const UnitUses *unit,
                                       const StaticUses *uses) const {
  const std::string place = object.place.file + ":" + std::to_string(object.place.line) + ": ";
  const Index index = index_of(program_, object.subject.id());
  if (index == none)
    return place + "the program does not know it";
  const Object &facts = program_.objects[index];
  if (!object.place.file.ends_with(c_source))
    return place + "only statics of C sources move; in C++ and headers they stay";
  if (facts.external_linkage)
    return place + "it has external linkage: other units may use it";
  if (facts.type.type_by_value)
    return place + "a static type becomes a heap type, which is another stage";
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
  if (uses->declarations.empty() || uses->uses.empty())
    return place + "nothing uses it";
  if (uses->aggregate_initialiser && !uses->initialiser.empty())
    return place + "its initialiser is an aggregate";
  const WriteClass writes = program_.writes[index].writes;
  if (const std::string module = single_phase_module_of(object.place.file);
      !module.empty() && (writes == WriteClass::init || writes == WriteClass::exec))
    return place + "the init of " + module +
           " sets it, and runs once for all interpreters (m_size -1): convert the module "
           "to multi-phase init first";
  return {};
}

std::string SlotsMigration::single_phase_module_of(const std::string &file) const {
  for (const Module &module : program_.modules) {
    if (module.init != InitKind::single_phase || module.state_size != -1)
      continue;
    for (const UnitSummary &unit : program_.units)
      if (unit.file == file && std::ranges::find(module.units, unit.id) != module.units.end())
        return module.name;
  }
  return {};
}

// A reference is dropped at the end of the interpreter only where it is known to be the static's own: everything stored
// is a new object, and no function that may steal it gets it.
void SlotsMigration::decide_ownership(const ReportedObject &object, Component &component) const {
  const Index index = index_of(program_, object.subject.id());
  const TypeFacts &type = program_.objects[index].type;
  if (!type.pointer || !type.scalar || !type.reaches_object)
    return; // no reference
  bool stored = false;
  for (const Index site : program_.writes[index].sites) {
    const Access &access = program_.accesses[site];
    if (!access.path.empty() || access.stored.kind == StoredValue::Kind::null)
      continue;
    const ApiEntry *callee =
        access.stored.kind == StoredValue::Kind::call ? tables_.function(access.stored.callee) : nullptr;
    if (!callee || callee->returns != "new-object") {
      component.note = "not released at the end of an interpreter: what is stored in line " +
                       std::to_string(access.location.line) + " may be borrowed";
      return;
    }
    stored = true;
  }
  for (const std::string &callee : component.uses.passed_to)
    if (const ApiEntry *entry = tables_.function(callee); entry && entry->has("steals-reference")) {
      component.note = "not released at the end of an interpreter: " + callee + " takes the reference over";
      return;
    }
  component.released = stored;
}

// A function's static is named for its function where its own name is taken.
void SlotsMigration::name_members(File &file) const {
  std::set<std::string> taken;
  std::ranges::sort(file.components, {}, [](const Component &c) { return std::pair(c.uses.line, c.uses.column); });
  for (Component &component : file.components) {
    const std::string &name = component.uses.name;
    std::string member = name;
    if (taken.contains(member))
      for (const BodySpan &body : file.bodies)
        if (body.body.begin < component.uses.declarations[0].begin &&
            component.uses.declarations[0].end < body.body.end)
          member = body.name + "_" + name;
    for (int n = 2; taken.contains(member); ++n)
      member = name + std::to_string(n);
    taken.insert(member);
    component.member = member;
  }
}

SlotsPlan SlotsMigration::plan() const {
  SlotsPlan plan;
  for (const auto &[path, file] : components_) {
    FileMigration migration{*path_below(path, root_), file.slot, {}};
    for (const Component &component : file.components)
      migration.moved.push_back({component.id, component.member, file.slot, component.released, component.note});
    plan.files.push_back(std::move(migration));
  }
  plan.refused = refused_;
  std::ranges::sort(plan.refused, {}, &Refusal::object);
  return plan;
}

std::vector<std::string> SlotsMigration::files() const {
  std::vector<std::string> files;
  for (const auto &[path, file] : components_)
    files.push_back(path);
  return files;
}

// Whether a function can ask for the state once, when it begins: it uses it more than once, and holds a thread state
// from the first line on, as far as its text says.
bool SlotsMigration::asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const {
  const auto inside = std::ranges::count_if(
      uses, [&](const Span &use) { return body.body.begin < use.begin && use.end <= body.body.end; });
  if (inside < 2)
    return false;
  const std::string_view text = std::string_view(content).substr(body.body.begin, body.body.end - body.body.begin);
  const auto is_word = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end =
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word) - text.begin();
    const ApiEntry *entry = end > at ? tables_.function(text.substr(at, end - at)) : nullptr;
    if (entry && (entry->has("gil-acquire") || entry->has("gilstate-attach") || entry->has("gil-restore")))
      return false;
    at = std::max(end, at + 1);
  }
  return true;
}

std::string SlotsMigration::apply(const std::string &path, const std::string &content,
                                  const std::string &header) const {
  const File &file = components_.at(path);
  std::vector<Span> all_uses;
  unsigned first_use = static_cast<unsigned>(content.size());
  for (const Component &component : file.components) {
    all_uses.insert(all_uses.end(), component.uses.uses.begin(), component.uses.uses.end());
    first_use = std::min(first_use, component.uses.first_use);
  }
  std::string local = "statics";
  while (content.find(local) != std::string::npos)
    local += "_";
  std::vector<Edit> edits;
  std::vector<Span> asking;
  for (const BodySpan &body : file.bodies)
    if (asks_once(body, all_uses, content)) {
      asking.push_back(body.body);
      edits.push_back({body.body.begin + 1, body.body.begin + 1,
                       "\n    struct " + file.slot + "_statics *" + local + " = RF_GET(" + file.slot + ");"});
    }
  for (const Component &component : file.components) {
    for (const Span &declaration : component.uses.declarations)
      edits.push_back(removal_of(content, declaration));
    for (const Span &use : component.uses.uses) {
      const bool asked =
          std::ranges::any_of(asking, [&](const Span &body) { return body.begin < use.begin && use.end <= body.end; });
      edits.push_back({use.begin, use.end, (asked ? local : "RF_GET(" + file.slot + ")") + "->" + component.member});
    }
  }
  unsigned at = first_use;
  for (const Span &declaration : file.top_level)
    if (declaration.begin <= first_use && first_use < declaration.end)
      at = declaration.begin;
  at = static_cast<unsigned>(above(content, line_start(content, at)));
  edits.push_back({at, at, "#include \"" + header + "\"\n\n" + struct_text(file, content)});
  return apply_edits(content, std::move(edits));
}

void SlotsMigration::reject(const std::string &path, const std::string &content, const Complaint &complaint) {
  const auto found = components_.find(path);
  if (found == components_.end())
    return;
  std::vector<Component> &components = found->second.components;
  const auto at_fault = [&](const Component &component) {
    if (complaint.line == 0)
      return complaint.new_line.find(member_text(component) + ";") != std::string::npos;
    const auto on_line = [&](const Span &span) { return line_of(content, span.begin) == complaint.line; };
    return std::ranges::any_of(component.uses.uses, on_line) ||
           std::ranges::any_of(component.uses.declarations, on_line);
  };
  const bool any = std::ranges::any_of(components, at_fault);
  std::erase_if(components, [&](const Component &component) {
    if (any && !at_fault(component))
      return false;
    refused_.push_back({component.id, *path_below(path, root_) + ":" + std::to_string(component.uses.line) +
                                          ": it does not compile when moved: " + complaint.message});
    return true;
  });
  if (components.empty())
    components_.erase(found);
}

} // namespace ringfence
