// Stage `slots`: statics become members of one struct for each interpreter, which the runtime library keeps
// (runtime/include/ringfence.h). An object moves with all of its declarations and uses, or not at all.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/path.h"
#include "link/ranges.h"
#include "rewrite/edits.h"
#include "rewrite/shared_statics.h"
#include "rewrite/slot_text.h"
#include "rewrite/stage.h"
#include "rewrite/statics.h"
#include "rewrite/text_places.h"
#include "rewrite/units.h"

namespace ringfence {
namespace {

constexpr std::string_view header_name = "ringfence.h";

class Slots final : public Stage {
public:
  Slots(const StageInput &input, std::string folder)
      : input_(input), folder_(std::move(folder)), units_(read_all_units(input, read_static_uses)),
        shared_(input, units_, obstacle()), statics_(input, units_, obstacle(), &shared_) {
    std::set<std::string> taken;
    for (const auto &[path, file] : statics_.files) {
      std::string &slot = slots_[path];
      for (const std::string text = input.files.read(path).value_or("");
           slot.empty() || has_word(text, slot + "_statics");) {
        slot = name_of_file(path, taken);
        taken.insert(slot);
      }
    }
    std::set<std::string> shared; // names of shared slots
    for (const SharedGroup &group : shared_.groups) {
      const std::string text = input.files.read(group.header).value_or("");
      std::string &slot = shared_slots_[{group.owner, group.header}];
      for (std::set<std::string> tried; slot.empty() || has_word(text, slot) || !shared.insert(slot).second;) {
        const std::string name = name_of_file(group.owner, tried);
        tried.insert(name);
        slot = name + "_shared";
      }
    }
    if (const std::vector<std::string> changed = files(); folder_.empty() && !changed.empty())
      folder_ = parent_folder(changed.front());
  }

  std::vector<std::string> files() const override {
    std::set<std::string> files = shared_.files();
    for (const auto &[path, file] : statics_.files)
      files.insert(path);
    return {files.begin(), files.end()};
  }
  std::string apply(const std::string &path, const std::string &content) const override;
  void reject(const std::string &path, const std::string &content, const Complaint &complaint) override {
    if (!shared_.reject(path, content, complaint, false) && !statics_.reject(path, content, complaint))
      shared_.reject(path, content, complaint, true);
  }
  StagePlan plan() const override;

private:
  Obstacle obstacle() const {
    return [this](const ReportedObject &object, const std::string &path, const StaticUses &uses) {
      return single_phase(object, path, uses);
    };
  }
  void edit_own(const FileStatics &file, const std::string &path, const std::string &content,
                std::vector<Edit> &edits) const;
  void remove_definitions(const std::string &path, const std::string &content, std::vector<Edit> &edits) const;
  void edit_shared_of(const std::string &path, const std::string &content, std::vector<Edit> &edits) const;
  std::string single_phase(const ReportedObject &object, const std::string &path, const StaticUses &uses) const;
  std::string single_phase_module_of(const std::string &file) const;
  bool asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const;
  std::string header_for(const std::string &file) const;

  const StageInput &input_;
  std::string folder_;
  std::vector<UnitUses> units_;
  SharedStatics shared_;
  MovableStatics statics_;
  std::map<std::string, std::string> slots_; // names in RF_STATE, by absolute path of the file
  std::map<std::pair<std::string, std::string>, std::string> shared_slots_; // by owner and header
};

std::string Slots::single_phase(const ReportedObject &object, const std::string &path, const StaticUses &uses) const {
  const std::string file = path_below(path, input_.tree.root).value_or(path);
  const std::string module = single_phase_module_of(file);
  if (module.empty() || (!uses.foreign && object.writes != WriteClass::init && object.writes != WriteClass::exec))
    return {};
  return file + (uses.foreign ? "" : ":" + std::to_string(object.place.line)) + ": the init of " + module +
         " sets it, and runs once for all interpreters (m_size -1): convert the module to multi-phase init first";
}

std::string Slots::single_phase_module_of(const std::string &file) const {
  for (const Module &module : input_.program.modules) {
    if (module.init != InitKind::single_phase || module.state_size != -1)
      continue;
    for (const UnitSummary &unit : input_.program.units)
      if (unit.file == file && std::ranges::find(module.units, unit.id) != module.units.end())
        return module.name;
  }
  return {};
}

StagePlan Slots::plan() const {
  StagePlan plan;
  std::set<std::string> foreign; // one entry for the members of all units
  for (const auto &[path, file] : statics_.files)
    for (const Component &component : file.components)
      if (!component.uses.foreign || foreign.insert(component.id).second)
        plan.moved.push_back({component.id,
                              "RF_GET(" + slots_.at(path) + ")->" + component.member +
                                  (component.released ? ", released when its interpreter ends" : ""),
                              component.note});
  for (const SharedGroup &group : shared_.groups)
    for (const Component &component : group.components)
      plan.moved.push_back({component.id,
                            "RF_GET(" + shared_slots_.at({group.owner, group.header}) + ")->" + component.member +
                                ", of " + *path_below(group.header, input_.tree.root) +
                                (component.released ? ", released when its interpreter ends" : ""),
                            component.note});
  plan.refused = statics_.refused();
  plan.refused.insert(plan.refused.end(), shared_.refused().begin(), shared_.refused().end());
  std::ranges::sort(plan.refused, {}, &Refusal::object);
  return plan;
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
  std::vector<Edit> edits;
  if (const auto file = statics_.files.find(path); file != statics_.files.end())
    edit_own(file->second, path, content, edits);
  edit_shared_of(path, content, edits);
  remove_definitions(path, content, edits);
  return apply_edits(content, std::move(edits));
}

// Of what the file has alone and of what it shares: they may stand in one statement.
void Slots::remove_definitions(const std::string &path, const std::string &content, std::vector<Edit> &edits) const {
  FileStatics all;
  if (const auto file = statics_.files.find(path); file != statics_.files.end())
    all.components = file->second.components;
  for (const SharedGroup &group : shared_.groups)
    if (group.owner == path)
      all.components.insert(all.components.end(), group.components.begin(), group.components.end());
  remove_declarations(all, content, edits);
}

void Slots::edit_shared_of(const std::string &path, const std::string &content, std::vector<Edit> &edits) const {
  const auto unit = std::ranges::find(units_, path, &UnitUses::file);
  std::string include = header_for(path); // once in a header
  for (const SharedGroup &group : shared_.groups)
    edit_shared(group, shared_slots_.at({group.owner, group.header}),
                group.header == path ? std::exchange(include, "") : "", path,
                unit == units_.end() ? std::vector<Span>() : unit->top_level, content, edits);
}

void Slots::edit_own(const FileStatics &file, const std::string &path, const std::string &content,
                     std::vector<Edit> &edits) const {
  const std::string &slot = slots_.at(path);
  std::vector<Span> all_uses;
  unsigned first_use = static_cast<unsigned>(content.size());
  bool copies = false;
  for (const Component &component : file.components) {
    all_uses.insert(all_uses.end(), component.uses.uses.begin(), component.uses.uses.end());
    first_use = std::min(first_use, component.uses.first_use);
    copies |= component.uses.aggregate_initialiser;
  }
  const std::string local = free_name("statics", content);
  std::vector<Span> asking;
  for (const BodySpan &body : file.bodies)
    if (asks_once(body, all_uses, content)) {
      asking.push_back(body.body);
      const std::size_t first = content.find_first_not_of(" \t\n", body.body.begin + 1);
      const std::string indent = indentation(content, first);
      edits.push_back({body.body.begin + 1, body.body.begin + 1,
                       "\n" + (indent.empty() ? "    " : indent) + "struct " + slot + "_statics *" + local +
                           " = RF_GET(" + slot + ");"});
    }
  for (const Component &component : file.components)
    for (const Span &use : component.uses.pasted)
      edits.push_back({use.begin, use.begin, "RF_GET(" + slot + ")->"});
  for (const Component &component : file.components)
    for (const Span &use : component.uses.uses) {
      const bool asked = std::ranges::any_of(asking, [&](const Span &body) { return body.contains(use); });
      edits.push_back({use.begin, use.end, (asked ? local : "RF_GET(" + slot + ")") + "->" + component.member});
    }
  unsigned at = first_use;
  for (const Span &declaration : file.top_level)
    if (declaration.begin <= first_use && first_use < declaration.end)
      at = declaration.begin;
  at = static_cast<unsigned>(above(content, line_start(content, at)));
  edits.push_back({at, at,
                   std::string(copies ? "#include <string.h>\n" : "") + "#include \"" + header_for(path) + "\"\n\n" +
                       struct_text(file, slot, content)});
}

} // namespace

std::unique_ptr<Stage> slots_stage(const StageInput &input, const std::string &folder) {
  return std::make_unique<Slots>(input, folder);
}

} // namespace ringfence
