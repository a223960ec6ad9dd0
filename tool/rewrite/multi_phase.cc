// Stage `multi-phase`: an init function returns its module's definition, and its work moves to an exec slot, which runs
// in each interpreter. What it claims stays what single-phase init means: no support, until a proof says more.
#include <algorithm>
#include <map>
#include <set>

#include "base/keys_of.h"
#include "base/path.h"
#include "base/text.h"
#include "extract/spans/module_inits.h"
#include "knowledge/source_names.h"
#include "link/ranges.h"
#include "rewrite/edits.h"
#include "rewrite/gil_claim.h"
#include "rewrite/stage.h"
#include "rewrite/text_places.h"
#include "rewrite/units.h"

namespace ringfence {
namespace {

constexpr std::string_view claim = "#if PY_VERSION_HEX >= 0x030C0000\n"
                                   "    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},\n"
                                   "#endif\n";

// "spam_exec" of "_spam"; another where the file has it, or a header, which a complaint told: `taken`.
std::string name_for(const InitShape &shape, const std::string &what, const std::string &text,
                     const std::set<std::string> &taken) {
  const std::string stem = shape.module.substr(shape.module.find_first_not_of('_'));
  const std::string name = free_name(stem + what, text);
  return taken.contains(name) ? free_name(stem + "_module" + what, text) : name;
}

// One file's init functions; `text` is the file's.
class Conversion {
public:
  Conversion(const InitShape &shape, const std::string &text, const std::set<std::string> &taken)
      : shape_(shape), text_(text), is_init_(shape.heads.empty()),
        exec_(is_init_ ? name_for(shape, "_exec", text, taken) : shape.maker),
        slots_(name_for(shape, "_slots", text, taken)), gil_(gil_claim(text, shape.body)) {}

  std::vector<Edit> edits() {
    edit_definition();
    if (!shape_.works) {
      replace(shape_.body, returning(shape_.body));
      return edits_;
    }
    for (const Span &statement : merged(shape_.removed))
      remove(statement);
    if (gil_)
      edits_.push_back(removal_of(text_, gil_->conditional));
    for (const Span &value : shape_.failures)
      replace(value, "-1");
    for (const Span &value : shape_.successes)
      replace(value, "0");
    if (is_init_)
      split_init();
    else
      change_maker();
    return edits_;
  }

private:
  void replace(const Span &span, const std::string &text) { edits_.push_back({span.begin, span.end, text}); }
  void insert(std::size_t at, const std::string &text) {
    edits_.push_back({static_cast<unsigned>(at), static_cast<unsigned>(at), text});
  }
  std::string of(const Span &span) const { return text_.substr(span.begin, span.end - span.begin); }

  // Statements that follow each other as one.
  std::vector<Span> merged(std::vector<Span> spans) const {
    std::ranges::sort(spans);
    std::vector<Span> result;
    for (const Span &span : spans)
      if (!result.empty() &&
          trim(std::string_view(text_).substr(result.back().end, span.begin - result.back().end)).empty())
        result.back().end = span.end;
      else
        result.push_back(span);
    return result;
  }

  // A value of the definition, so that the comment behind it stays in its column.
  void replace_value(const Span &span, const std::string &text) {
    const std::string_view rest = line_at(text_, span.end);
    const std::size_t old_size = span.end - span.begin;
    const std::size_t spaces = rest.starts_with(',') ? rest.find_first_not_of(' ', 1) - 1 : 0;
    replace(span, text);
    if (spaces == 0 || spaces > rest.size())
      return;
    const std::size_t wanted = spaces + old_size > text.size() ? spaces + old_size - text.size() : 1;
    insert_over(span.end + 1, spaces, std::string(std::max<std::size_t>(wanted, 1), ' '));
  }

  // With the conditional around it where its other branches are for Pythons without PyModule_Create.
  void remove(const Span &statement) {
    const Span conditional = conditional_of_branch(text_, statement);
    edits_.push_back(removal_of(text_, conditional.file.empty() ? statement : conditional));
  }

  // A body like the one that stands there.
  std::string returning(const Span &body) const {
    const std::size_t first = text_.find_first_not_of(" \t\n", body.begin + 1);
    const std::string indent = first < body.end - 1 ? indentation(text_, first) : "    ";
    return "{\n" + indent + "return PyModuleDef_Init(&" + shape_.definition.name + ");\n}";
  }

  std::string parameter() const {
    return shape_.variable.empty() ? "(PyObject *Py_UNUSED(module))" : "(PyObject *" + shape_.variable + ")";
  }

  // What was claimed by a call.
  std::string gil_slot() const {
    return gil_ ? gil_->condition + "\n    {Py_mod_gil, " + gil_->value + "},\n#endif\n" : std::string();
  }

  void edit_definition() {
    const DefinitionShape &definition = shape_.definition;
    std::string table = "static PyModuleDef_Slot " + slots_ + "[] = {\n";
    if (shape_.works) {
      const bool declared = std::ranges::any_of(
          shape_.heads, [&](const HeadShape &head) { return head.whole.begin < definition.statement.begin; });
      if (!declared)
        table = "static int " + exec_ + "(PyObject *);\n\n" + table;
      table += "    {Py_mod_exec, " + std::string(shape_.cxx ? "(void *)" : "") + exec_ + "},\n";
    }
    insert(above_comment(text_, line_start(text_, definition.statement.begin)),
           table + std::string(claim) + gil_slot() + "    {0, NULL}\n};\n\n");
    if (trim(definition.size_text).starts_with('-'))
      replace_value(definition.size, "0");
    if (!definition.slots.file.empty()) {
      replace_value(definition.slots, slots_);
      const std::string_view line = line_at(text_, definition.slots.end); // "NULL, /* m_reload */"
      if (const std::size_t old = line.find("m_reload"); old != std::string_view::npos)
        insert_over(definition.slots.end + old, std::string_view("m_reload").size(), "m_slots");
      return;
    }
    const std::string next = ",\n" + indentation(text_, definition.last);
    std::string values;
    for (unsigned i = definition.given; !definition.designated && i < 5; ++i)
      values += next + (i == 3 ? "0" : "NULL");
    insert(definition.last, values + next + (definition.designated ? ".m_slots = " : "") + slots_);
  }

  void insert_over(std::size_t at, std::size_t size, const std::string &text) {
    edits_.push_back({static_cast<unsigned>(at), static_cast<unsigned>(at + size), text});
  }

  // PyInit_spam becomes spam_exec, and a new PyInit_spam follows it.
  void split_init() {
    const HeadShape &head = shape_.init;
    const bool lines = of(head.whole).find('\n') != std::string::npos;
    replace(head.whole, std::string("static int") + (lines ? "\n" : " ") + exec_ + parameter());
    const std::string between = text_.substr(head.whole.end, shape_.body.begin - head.whole.end);
    insert(shape_.body.end, "\n\n" + of(head.whole) + between + returning(shape_.body));
  }

  void change_maker() {
    for (const HeadShape &head : shape_.heads) {
      const std::string type = of(head.type);
      const std::size_t space = type.find_last_not_of(" \t\n*") + 1;
      const std::size_t stars = type.find_last_of('*');
      const std::string gap = stars == std::string::npos ? type.substr(space) : type.substr(stars + 1);
      replace(head.type, "static int" + (gap.empty() ? " " : gap));
      replace(head.parameters, parameter());
    }
    replace(shape_.init_body, returning(shape_.init_body));
  }

  const InitShape &shape_;
  const std::string &text_;
  bool is_init_;
  std::string exec_, slots_;
  std::optional<GilClaim> gil_;
  std::vector<Edit> edits_;
};

class MultiPhase final : public Stage {
public:
  explicit MultiPhase(const StageInput &input) : input_(input) {
    std::map<std::string, std::vector<UnitInits>> by_file;
    for (UnitInits &unit : read_all_units(input, read_module_inits))
      if (!unit.inits.empty())
        by_file[unit.file].push_back(std::move(unit));
    for (const Module &module : input.program.modules)
      consider(module, by_file);
  }

  std::vector<std::string> files() const override { return keys_of(shapes_); }

  std::string apply(const std::string &file, const std::string &content) const override {
    std::vector<Edit> edits;
    for (const InitShape &shape : shapes_.at(file))
      std::ranges::move(Conversion(shape, content, taken_).edits(), std::back_inserter(edits));
    return apply_edits(content, std::move(edits));
  }

  void reject(const std::string &file, const std::string &content, const Complaint &complaint) override {
    const auto found = shapes_.find(file);
    if (found == shapes_.end())
      return;
    for (const InitShape &shape : found->second)
      for (const char *what : {"_exec", "_slots"})
        if (const std::string name = name_for(shape, what, content, {});
            contains(complaint.message, "'" + name + "'") && taken_.insert(name).second)
          return; // under another name next time
    for (const InitShape &shape : found->second)
      refused_.push_back({shape.module, *path_below(file, input_.tree.root) + ":" + std::to_string(shape.line) +
                                            ": it does not compile when converted: " + complaint.message});
    shapes_.erase(found);
  }

  StagePlan plan() const override {
    StagePlan plan{{}, refused_};
    for (const auto &[file, shapes] : shapes_)
      for (const InitShape &shape : shapes)
        plan.moved.push_back({shape.module, "a module with multi-phase init", ""});
    std::ranges::sort(plan.refused, {}, &Refusal::object);
    return plan;
  }

private:
  std::string file_of(const Module &module) const {
    return module.location.file < input_.program.files.size() ? input_.program.files[module.location.file].path
                                                              : std::string();
  }

  void consider(const Module &module, std::map<std::string, std::vector<UnitInits>> &by_file) {
    const std::string file = file_of(module), bare = module.name.substr(module.name.rfind('.') + 1);
    if (module.init != InitKind::single_phase || module.init_function == none ||
        !is_asked_for(input_, module.name, bare, file))
      return;
    const std::string path = input_.tree.root + "/" + file;
    const auto found = by_file.find(path);
    const UnitInits *unit = found != by_file.end() && found->second.size() == 1 ? &found->second.front() : nullptr;
    const InitShape *shape = nullptr;
    if (unit)
      for (const InitShape &candidate : unit->inits)
        if (candidate.module == bare)
          shape = &candidate;
    if (std::string reason = refusal_of(module, file, unit, shape); !reason.empty())
      refused_.push_back({module.name, std::move(reason)});
    else
      shapes_[path].push_back(*shape);
  }

  std::string refusal_of(const Module &module, const std::string &file, const UnitInits *unit,
                         const InitShape *shape) const {
    const std::string place = file + ":" + std::to_string(module.location.line) + ": ";
    if (!module.binding.empty())
      return place + module.binding + " makes this module: ask it for multi-phase init";
    if (!unit || !shape)
      return place + "its init function makes the module in a way that is not known";
    if (!unit->read_in_full && !input_.provisional)
      return file + ": it was read in part";
    if (!shape->obstacles.empty())
      return shape->obstacles.front();
    if (module.definition != none)
      for (const Access &access : accesses_of(input_.program, module.definition))
        if (access.location.file != input_.program.objects[module.definition].location.file)
          return place + "other files ask for the module by its definition, which finds none after multi-phase init";
    const std::string text = input_.files.read(input_.tree.root + "/" + file).value_or("");
    if (conditional_depth(text, shape->init.whole.begin) != conditional_depth(text, shape->init_body.begin))
      return place + "its head stands in a conditional, and its body behind that";
    for (const Span &statement : shape->removed)
      if (const Span conditional = conditional_of_branch(text, statement);
          !conditional.file.empty() &&
          line_at(text, conditional.begin).find(source_name::major_version) == std::string::npos)
        return file + ":" + std::to_string(line_of(text, statement.begin)) + ": it makes the module in a conditional";
    if (has_word(text, source_name::sets_gil) && !gil_claim(text, shape->body))
      return place + "it claims by PyUnstable_Module_SetGIL, elsewhere than alone in a conditional of its own";
    return {};
  }

  const StageInput &input_;
  std::map<std::string, std::vector<InitShape>> shapes_; // by absolute path
  std::set<std::string> taken_;                          // names that a header declares
  std::vector<Refusal> refused_;
};

} // namespace

std::unique_ptr<Stage> multi_phase_stage(const StageInput &input) { return std::make_unique<MultiPhase>(input); }

} // namespace ringfence
