// Stage `heap-types`: a static PyTypeObject becomes a PyType_Spec and a static pointer to the type that is made of it,
// which the stage `slots` then moves to per-interpreter state. A type moves with all of its uses, or not at all.
#include <algorithm>
#include <map>
#include <set>

#include "base/path.h"
#include "base/text.h"
#include "extract/spans/type_tables.h"
#include "knowledge/slot_names.h"
#include "knowledge/source_names.h"
#include "link/ranges.h"
#include "report/names.h"
#include "rewrite/edits.h"
#include "rewrite/heap_type_text.h"
#include "rewrite/stage.h"
#include "rewrite/text_places.h"
#include "rewrite/units.h"

namespace ringfence {
namespace {

struct File {
  UnitTypes unit;
  std::vector<HeapType> types; // that move
  std::string helper;          // name of the function that makes a type
};

class HeapTypes final : public Stage {
public:
  explicit HeapTypes(const StageInput &input) : input_(input) {
    std::vector<UnitTypes> units = read_all_units(input, read_type_tables);
    for (const UnitTypes &unit : units) {
      bound_.insert(unit.bound.begin(), unit.bound.end());
      if (!unit.read_in_full && !input.provisional)
        in_part_ = path_below(unit.file, input.tree.root).value_or(unit.file);
    }
    for (UnitTypes &unit : units)
      if (!unit.types.empty())
        consider_unit(std::move(unit));
    drop_types_without_base();
  }

  std::vector<std::string> files() const override {
    std::set<std::string> files;
    for (const auto &[path, file] : files_)
      for (const HeapType &type : file.types) {
        files.insert(path);
        if (!type.header.file.empty())
          files.insert(type.header.file);
      }
    return {files.begin(), files.end()};
  }

  std::string apply(const std::string &path, const std::string &content) const override {
    if (const auto found = files_.find(path); found != files_.end() && !found->second.types.empty()) {
      const File &file = found->second;
      return apply_edits(content, heap_type_edits(file.unit, file.types, file.helper, content));
    }
    std::vector<Edit> edits; // a header's
    for (const auto &[unit, file] : files_)
      for (const HeapType &type : file.types)
        if (type.header.file == path)
          edits.push_back(header_edit(type));
    return apply_edits(content, std::move(edits));
  }

  void reject(const std::string &path, const std::string &content, const Complaint &complaint) override {
    if (const auto found = files_.find(path); found == files_.end() || found->second.types.empty())
      return reject_shared(complaint);
    File &file = files_.at(path);
    const auto at_fault = [&](const HeapType &type) {
      if (complaint.line == 0)
        return has_word(complaint.new_line, type.shape->name) || has_word(complaint.new_line, type.pointer) ||
               has_word(complaint.new_line, spec_name(type)) ||
               std::ranges::any_of(type.shape->fields, [&](const TypeField &field) {
                 return !field.refers.empty() && has_word(complaint.new_line, field.refers);
               });
      return std::ranges::any_of(
          type.shape->uses, [&](const TypeUse &use) { return line_of(content, use.span.begin) == complaint.line; });
    };
    const bool any = std::ranges::any_of(file.types, at_fault);
    std::erase_if(file.types, [&](const HeapType &type) {
      if (any && !at_fault(type))
        return false;
      refuse(path, *type.shape, "it does not compile as a heap type: " + complaint.message);
      return true;
    });
    drop_types_without_base();
  }

  StagePlan plan() const override {
    StagePlan plan{{}, refused_};
    for (const auto &[path, file] : files_)
      for (const HeapType &type : file.types)
        plan.moved.push_back({below(path) + ":" + type.shape->name, "a heap type, made of " + spec_name(type),
                              type.header.file.empty()
                                  ? type.note
                                  : type.note + (type.note.empty() ? "" : "; ") +
                                        "other files reach it by a macro of its name, in " + below(type.header.file)});
    std::ranges::sort(plan.refused, {}, &Refusal::object);
    return plan;
  }

private:
  // Of a file that only uses the types of others: those that its line or the compiler names go, or all.
  void reject_shared(const Complaint &complaint) {
    const auto at_fault = [&](const HeapType &type) {
      return !type.header.file.empty() &&
             (has_word(complaint.new_line, type.shape->name) || has_word(complaint.message, type.shape->name) ||
              has_word(complaint.message, type.pointer));
    };
    bool any = false;
    for (const auto &[path, file] : files_)
      any |= std::ranges::any_of(file.types, at_fault);
    for (auto &[path, file] : files_)
      std::erase_if(file.types, [&](const HeapType &type) {
        if (type.header.file.empty() || (any && !at_fault(type)))
          return false;
        refuse(path, *type.shape, "another file does not compile with it as a heap type: " + complaint.message);
        return true;
      });
    drop_types_without_base();
  }

  // What other files use, they reach by a macro in the one header that declares it. Why that is not so, else empty.
  std::string share(const std::string &place, const TypeShape &shape, HeapType &type) const {
    if (bound_.contains(shape.name))
      return place + "another file makes it ready, changes it, declares it, or has it as a base";
    if (!in_part_.empty())
      return in_part_ + ": it was read in part";
    if (shape.in_headers.size() != 1 || shape.in_headers[0].file.empty() ||
        !path_below(shape.in_headers[0].file, input_.tree.root))
      return place + "other units use it, and no header of the tree declares it, once and by itself";
    type.header = shape.in_headers[0];
    type.pointer = shape.name + "_pointer";
    return {};
  }

  std::string below(const std::string &path) const { return *path_below(path, input_.tree.root); }

  void refuse(const std::string &path, const TypeShape &shape, const std::string &reason) {
    refused_.push_back(
        {below(path) + ":" + shape.name, below(path) + ":" + std::to_string(shape.line) + ": " + reason});
  }

  void consider_unit(UnitTypes unit) {
    const std::string path = unit.file;
    if (!path_below(path, input_.tree.root))
      return;
    if (files_.contains(path)) { // read by several units
      for (const HeapType &type : files_[path].types)
        refuse(path, *type.shape, "several units read it, each in its own way");
      files_[path].types.clear();
      return;
    }
    File &file = files_[path];
    file.unit = std::move(unit);
    const std::string text = input_.files.read(path).value_or("");
    file.helper = free_name("make_type", text);
    for (const TypeShape &shape : file.unit.types) {
      const ReportedObject *object = reported(path, shape);
      if (!object || object->suppressed || !is_asked_for(input_, object->subject.id(), shape.name, below(path)))
        continue;
      HeapType type{.shape = &shape, .module = module_of(below(path))};
      if (std::string reason = refusal_of(path, text, *object, type); reason.empty())
        file.types.push_back(std::move(type));
      else
        refused_.push_back({object->subject.id(), std::move(reason)});
    }
  }

  const ReportedObject *reported(const std::string &path, const TypeShape &shape) const {
    const std::string id = below(path) + ":" + shape.name;
    const auto at = std::ranges::find_if(input_.report.objects,
                                         [&](const ReportedObject &object) { return object.subject.id() == id; });
    return at == input_.report.objects.end() ? nullptr : &*at;
  }

  std::string refusal_of(const std::string &path, const std::string &text, const ReportedObject &object,
                         HeapType &type) const {
    const TypeShape &shape = *type.shape;
    const std::string place = below(path) + ":" + std::to_string(shape.line) + ": ";
    if (const auto staying = input_.staying.find(object.subject.id()); staying != input_.staying.end())
      return place + staying->second;
    if (!object.generated_by.empty())
      return place + object.generated_by + " writes this file: change what it is made from";
    if (!files_.at(path).unit.read_in_full && !input_.provisional)
      return below(path) + ": it was read in part";
    if (!shape.obstacles.empty())
      return shape.obstacles.front();
    const bool shared = shape.external && is_used_elsewhere(object.subject.id());
    if (!shared && !shape.header_use.empty())
      return shape.header_use;
    if (std::string reason = shared ? share(place, shape, type) : ""; !reason.empty())
      return reason;
    if (const std::string condition = condition_inside(text, shape.definition); !condition.empty())
      return place + "its table differs by a condition: " + condition;
    if (has_word(text, source_name::initialises_memory))
      return place +
             "the file makes objects from memory of its own (_Py_NewReference), without a reference to the type";
    const std::string obstacle = prepare(files_.at(path).unit, exec_functions(), type);
    if (!obstacle.empty())
      return place + obstacle;
    const auto dealloc = files_.at(path).unit.functions.find(type.dealloc);
    if (dealloc != files_.at(path).unit.functions.end()) {
      if (dealloc->second.gives_type_up)
        return place + "its dealloc gives a type up already";
      const Span &body = dealloc->second.body;
      const std::string code = text.substr(body.begin, body.end - body.begin);
      if (code.find("TRASHCAN") != std::string::npos)
        return place + "its dealloc may be called again for one object (trashcan)";
      if (code.find(source_name::may_keep_object) != std::string::npos &&
          (dealloc->second.uses != 1 || !frees_last(dealloc->second, text)))
        return place + "its dealloc may keep the object alive";
    }
    return {};
  }

  bool is_used_elsewhere(const std::string &id) const {
    const Index index = object_of(input_.program, id);
    if (index == none || input_.program.objects[index].in_header)
      return true;
    return std::ranges::any_of(accesses_of(input_.program, index), [&](const Access &access) {
      return access.location.file != input_.program.objects[index].location.file;
    });
  }

  // The name of the one module that a file is of; empty: none, or several.
  std::string module_of(const std::string &file) const {
    std::set<std::string> names;
    for (const Module &module : input_.program.modules)
      if (std::ranges::any_of(input_.program.units, [&](const UnitSummary &unit) {
            return unit.file == file && std::ranges::find(module.units, unit.id) != module.units.end();
          }))
        names.insert(module.name);
    return names.size() == 1 ? *names.begin() : std::string();
  }

  // Names: what has a module as its first parameter.
  std::set<std::string> exec_functions() const {
    std::set<std::string> names;
    for (const Module &module : input_.program.modules)
      for (const Slot &slot : module.slots)
        if (slot.name == slot::exec && slot.function != none)
          names.insert(input_.program.functions[slot.function].name);
    return names;
  }

  // Branches for Pythons that have no PyType_FromModuleAndSpec do not count.
  static std::string condition_inside(const std::string &text, const Span &span) {
    for (std::size_t at = line_start(text, span.begin); at < span.end; at = text.find('\n', at) + 1) {
      const std::string_view line = trim(line_at(text, at));
      if (line.starts_with("#if") &&
          std::ranges::none_of(source_name::old_pythons, [&](std::string_view word) { return contains(line, word); }))
        return std::string(line);
      if (text.find('\n', at) == std::string::npos)
        break;
    }
    return {};
  }

  // A heap type with a static base is right, but its base has to be made before it.
  void drop_types_without_base() {
    for (auto &[path, file] : files_)
      for (bool changed = true; changed;) {
        changed = false;
        for (const HeapType &type : file.types)
          if (const std::string reason = order_obstacle(file.unit, type, file.types); !reason.empty()) {
            const TypeShape *shape = type.shape;
            refuse(path, *shape, reason);
            std::erase_if(file.types, [&](const HeapType &other) { return other.shape == shape; });
            changed = true;
            break;
          }
      }
  }

  const StageInput &input_;
  std::map<std::string, File> files_; // by absolute path
  std::set<std::string> bound_;       // types that another file does more with than to take the address and to read
  std::string in_part_;               // a file of which only a part was read; empty: none
  std::vector<Refusal> refused_;
};

} // namespace

std::unique_ptr<Stage> heap_types_stage(const StageInput &input) { return std::make_unique<HeapTypes>(input); }

} // namespace ringfence
