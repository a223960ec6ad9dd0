// Stage `slots`: statics become members of one struct for each interpreter, which the runtime library keeps
// (runtime/include/ringfence.h). An object moves with all of its declarations and uses, or not at all.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/path.h"
#include "link/ranges.h"
#include "rewrite/edits.h"
#include "rewrite/stage.h"
#include "rewrite/statics.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

constexpr std::string_view header_name = "ringfence.h";

std::string struct_text(const FileStatics &file, const std::string &slot, const std::string &content) {
  const std::string name = slot + "_statics", type = "struct " + name;
  std::string text = "/* What was static, once for each interpreter: see ringfence.h. */\n" + type + " {\n";
  std::string init, clear, macros;
  for (const Component &component : file.components) {
    if (component.uses.foreign) { // within itself, a macro's name is not expanded again
      macros += "#define " + component.uses.name + " (RF_GET(" + slot + ")->" + component.member + ")\n";
      init += "    (void)" + component.uses.name + "; /* the header's own is used no more */\n";
    }
    text += member_line(component, content);
    init += first_value(component, "s");
    if (component.released)
      clear += "    Py_CLEAR(s->" + component.member + ");\n";
  }
  text += "};\n";
  if (!init.empty())
    text += "static int " + name + "_init(" + type + " *s)\n{\n" + init + "    return 0;\n}\n";
  if (!clear.empty())
    text += "static void " + name + "_clear(" + type + " *s)\n{\n" + clear + "}\n";
  return text + "RF_STATE(" + slot + ", " + type + ", " + (init.empty() ? "NULL" : name + "_init") + ", " +
         (clear.empty() ? "NULL" : name + "_clear") + ")\n" + macros + "\n";
}

class Slots final : public Stage {
public:
  Slots(const StageInput &input, std::string folder)
      : input_(input), folder_(std::move(folder)),
        statics_(input, [this](const ReportedObject &object, const std::string &path, const StaticUses &uses) {
          return single_phase(object, path, uses);
        }) {
    std::set<std::string> taken;
    for (const auto &[path, file] : statics_.files) {
      std::string &slot = slots_[path];
      for (const std::string text = input.files.read(path).value_or("");
           slot.empty() || has_word(text, slot + "_statics");) {
        slot = name_of_file(path, taken);
        taken.insert(slot);
      }
      if (folder_.empty())
        folder_ = parent_folder(path);
    }
  }

  std::vector<std::string> files() const override {
    std::vector<std::string> files;
    for (const auto &[path, file] : statics_.files)
      files.push_back(path);
    return files;
  }
  std::string apply(const std::string &path, const std::string &content) const override;
  void reject(const std::string &path, const std::string &content, const Complaint &complaint) override {
    statics_.reject(path, content, complaint);
  }
  StagePlan plan() const override;

private:
  std::string single_phase(const ReportedObject &object, const std::string &path, const StaticUses &uses) const;
  std::string single_phase_module_of(const std::string &file) const;
  bool asks_once(const BodySpan &body, const std::vector<Span> &uses, const std::string &content) const;
  std::string header_for(const std::string &file) const;

  const StageInput &input_;
  std::string folder_;
  MovableStatics statics_;
  std::map<std::string, std::string> slots_; // names in RF_STATE, by absolute path of the file
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
  plan.refused = statics_.refused();
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
  const FileStatics &file = statics_.files.at(path);
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
  std::vector<Edit> edits;
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
  remove_declarations(file, content, edits);
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
  return apply_edits(content, std::move(edits));
}

} // namespace

std::unique_ptr<Stage> slots_stage(const StageInput &input, const std::string &folder) {
  return std::make_unique<Slots>(input, folder);
}

} // namespace ringfence
