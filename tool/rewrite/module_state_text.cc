#include "rewrite/module_state_text.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

constexpr std::string_view no_state[] = {"", "0", "-1", "NULL"};

bool has_own_state(const ModuleShape &module) {
  const auto size = module.members.find("m_size");
  return size != module.members.end() && std::ranges::find(no_state, trim(size->second.text)) == std::end(no_state);
}

// The function of the module's definition; NULL where it has none.
const FunctionShape *hook_of(const UnitWays &unit, const ModuleShape &module, const std::string &member) {
  const auto found = module.members.find(member);
  const auto function =
      found == module.members.end() ? unit.functions.end() : unit.functions.find(found->second.refers);
  return function == unit.functions.end() ? nullptr : &function->second;
}

bool is_given(const ModuleShape &module, const std::string &member) {
  const auto found = module.members.find(member);
  return found != module.members.end() && std::ranges::find(no_state, trim(found->second.text)) == std::end(no_state);
}

class StateWriter {
public:
  StateWriter(const UnitWays &unit, const StateWays &ways, const FileStatics &file, const std::string &content)
      : unit_(unit), module_(unit.modules.front()), ways_(ways), file_(file), content_(content),
        names_(state_names(module_, content)) {
    std::set<std::string> users, silent;
    for (const Component &component : file.components) {
      users.insert(component.uses.users.begin(), component.uses.users.end());
      silent.insert(component.uses.silent.begin(), component.uses.silent.end());
      first_value_ += first_value(component, names_.local);
      copies_ |= component.uses.aggregate_initialiser;
      owns_ |= component.released;
    }
    const std::set<std::string> loud = ways.needing(users);
    users.insert(silent.begin(), silent.end());
    needing_ = ways.needing(users);
    std::ranges::set_difference(needing_, loud, std::inserter(silent_, silent_.end()));
  }

  std::vector<Edit> edits() {
    remove_declarations(file_, content_, edits_);
    edit_uses();
    for (const std::string &name : needing_)
      edit_function(unit_.functions.at(name));
    for (const NamedCall &call : unit_.calls)
      if (needing_.contains(call.callee) && ways_.way(call.callee) == WayKind::none)
        insert(call.arguments.begin, names_.local + (call.has_arguments ? ", " : ""));
    edit_definition();
    add_struct();
    return std::move(edits_);
  }

private:
  void insert(std::size_t at, const std::string &text) {
    edits_.push_back({static_cast<unsigned>(at), static_cast<unsigned>(at), text});
  }
  void replace(const Span &span, const std::string &text) { edits_.push_back({span.begin, span.end, text}); }

  void edit_uses() {
    for (const Component &component : file_.components) {
      for (const Span &use : component.uses.pasted)
        insert(use.begin, names_.local + "->");
      for (const Span &use : component.uses.uses)
        replace(use, names_.local + "->" + component.member);
    }
  }

  // ---- functions

  void edit_function(const FunctionShape &shape) {
    const WayKind way = ways_.way(shape.name);
    if (way == WayKind::none) {
      for (const Span &head : shape.heads) {
        const std::string_view inside =
            trim(std::string_view(content_).substr(head.begin + 1, head.end - head.begin - 2));
        if (inside.empty() || inside == "void")
          replace(head, "(" + names_.type + " *" + names_.local + ")");
        else
          insert(head.begin + 1, names_.type + " *" + names_.local + ", ");
      }
      return;
    }
    for (std::size_t i = 0; i < shape.parameters.size() && i < 2; ++i) {
      const Parameter &parameter = shape.parameters[i];
      if ((i == (way == WayKind::defining) || way == WayKind::either) && !parameter.written.file.empty() &&
          content_.substr(parameter.written.begin, parameter.written.end - parameter.written.begin) != parameter.name)
        replace(parameter.written, parameter.name);
    }
    const std::size_t first = content_.find_first_not_of(" \t\n", shape.body.begin + 1);
    const std::string indent = indentation(content_, first);
    insert(shape.body.begin + 1, "\n" + (indent.empty() ? "    " : indent) + names_.type + " *" + names_.local + " = " +
                                     question(shape, way) + ";" +
                                     (silent_.contains(shape.name) ? " (void)" + names_.local + ";" : ""));
  }

  static std::string as_object(const Parameter &parameter) {
    return (parameter.object ? "" : "(PyObject *)") + parameter.name;
  }
  static std::string as_type(const Parameter &parameter) {
    return (parameter.type ? "" : "(PyTypeObject *)") + parameter.name;
  }

  std::string question(const FunctionShape &shape, WayKind way) {
    asked_.insert(way);
    switch (way) {
    case WayKind::module:
      return names_.of_module + "(" + as_object(shape.parameters[0]) + ")";
    case WayKind::instance:
      return names_.of_type + "(Py_TYPE(" + shape.parameters[0].name + "))";
    case WayKind::type:
      return names_.of_type + "(" + as_type(shape.parameters[0]) + ")";
    case WayKind::defining:
      return "(" + names_.type + " *)PyType_GetModuleState(" + as_type(shape.parameters[1]) + ")";
    default:
      return names_.of_either + "(" + as_object(shape.parameters[0]) + ", " + as_object(shape.parameters[1]) + ")";
    }
  }

  bool asks_type() const {
    return asked_.contains(WayKind::instance) || asked_.contains(WayKind::type) || asked_.contains(WayKind::either);
  }
  bool asks_module() const { return asked_.contains(WayKind::module) || !first_value_.empty() || owns_; }

  // ---- the definition

  void edit_definition() {
    std::map<std::string, std::string> values;
    if (!has_own_state(module_))
      values["m_size"] = "sizeof(" + names_.type + ")";
    if (owns_) {
      for (const auto &[member, name] : {std::pair("m_traverse", names_.traverse), std::pair("m_clear", names_.clear),
                                         std::pair("m_free", names_.free)})
        if (!is_given(module_, member))
          values[member] = name;
      extend_hooks();
    }
    set_members(values);
    if (!first_value_.empty())
      insert(module_.slots_begin, "\n    {Py_mod_exec, " + std::string(unit_.cxx ? "(void *)" : "") + names_.init +
                                      "}," + (content_.compare(module_.slots_begin, 1, "\n") == 0 ? "" : "\n    "));
    insert(module_.statement.end, definitions());
  }

  // What the module's own functions do for what moved.
  void extend_hooks() {
    const auto at_top = [&](const FunctionShape &shape, const std::string &text) {
      const std::size_t first = content_.find_first_not_of(" \t\n", shape.body.begin + 1);
      const std::string indent = indentation(content_, first);
      insert(shape.body.begin + 1, "\n" + (indent.empty() ? "    " : indent) + text);
    };
    if (const FunctionShape *hook = hook_of(unit_, module_, "m_traverse"))
      at_top(*hook, "int visited = " + names_.traverse + "(" + as_object(hook->parameters[0]) + ", " +
                        hook->parameters[1].name + ", " + hook->parameters[2].name +
                        ");\n    if (visited != 0)\n        return visited;");
    if (const FunctionShape *hook = hook_of(unit_, module_, "m_clear"))
      at_top(*hook, "(void)" + names_.clear + "(" + as_object(hook->parameters[0]) + ");");
    if (const FunctionShape *hook = hook_of(unit_, module_, "m_free"))
      at_bottom(*hook, names_.free + "(" + hook->parameters[0].name + ");");
  }

  // Behind what may still use it.
  void at_bottom(const FunctionShape &shape, const std::string &text) {
    const std::string indent = indentation(content_, content_.find_first_not_of(" \t\n", shape.body.begin + 1));
    const std::size_t begin = line_start(content_, shape.body.end - 1), brace = shape.body.end - 1;
    const bool alone = trim(std::string_view(content_).substr(begin, brace - begin)).empty();
    insert(alone ? begin : brace, (indent.empty() ? "    " : indent) + text + "\n");
  }

  void set_members(const std::map<std::string, std::string> &values) {
    constexpr std::string_view order[] = {"m_base",  "m_name",     "m_doc",   "m_size", "m_methods",
                                          "m_slots", "m_traverse", "m_clear", "m_free"};
    const std::string next = ",\n" + indentation(content_, module_.last);
    std::string added, gap;
    for (std::size_t i = 0; i < std::size(order); ++i) {
      const std::string member(order[i]);
      const auto value = values.find(member);
      const auto there = module_.members.find(member);
      if (there != module_.members.end()) {
        if (value != values.end())
          replace(there->second.value, value->second);
        continue;
      }
      if (module_.designated) {
        if (value != values.end())
          added += next + "." + member + " = " + value->second;
        continue;
      }
      gap += next + (value != values.end() ? value->second : member == "m_size" ? "0" : "NULL");
      if (value != values.end())
        added += std::exchange(gap, "");
    }
    if (!added.empty())
      insert(module_.last, added);
  }

  // ---- text

  std::string prototypes() const {
    std::string text;
    if (asks_module())
      text += "static " + names_.type + " *" + names_.of_module + "(PyObject *module);\n";
    if (asks_type())
      text += "static " + names_.type + " *" + names_.of_type + "(PyTypeObject *type);\n";
    if (asked_.contains(WayKind::either))
      text += "static " + names_.type + " *" + names_.of_either + "(PyObject *left, PyObject *right);\n";
    if (!first_value_.empty())
      text += "static int " + names_.init + "(PyObject *module);\n";
    if (owns_)
      text += "static int " + names_.traverse + "(PyObject *module, visitproc visit, void *arg);\nstatic int " +
              names_.clear + "(PyObject *module);\nstatic void " + names_.free + "(void *module);\n";
    return text;
  }

  std::string definitions() const {
    std::string text;
    const std::string head = "\n\nstatic " + names_.type + " *\n";
    if (asks_module())
      text += head + names_.of_module + "(PyObject *module)\n{\n    return (" + names_.type +
              " *)PyModule_GetState(module);\n}";
    if (asks_type())
      text += find_module() + head + names_.of_type + "(PyTypeObject *type)\n{\n    return (" + names_.type +
              " *)PyModule_GetState(" + names_.of_type + "_module(type));\n}";
    if (asked_.contains(WayKind::either))
      text += "\n\n/* Of the operand that is of this module. */" + head.substr(1) + names_.of_either +
              "(PyObject *left, PyObject *right)\n{\n    PyObject *module = " + names_.of_type +
              "_module(Py_TYPE(left));\n    if (module == NULL) {\n        PyErr_Clear();\n        module = " +
              names_.of_type + "_module(Py_TYPE(right));\n    }\n    return (" + names_.type +
              " *)PyModule_GetState(module);\n}";
    if (!first_value_.empty())
      text += "\n\n/* The first values of the state. */\nstatic int\n" + names_.init + "(PyObject *module)\n{\n    " +
              names_.type + " *" + names_.local + " = " + names_.of_module + "(module);\n" + first_value_ +
              "    return 0;\n}";
    return text + (owns_ ? ownership() : "");
  }

  // The module of a type, or of the nearest of its bases that this definition made.
  std::string find_module() const {
    const std::string name = names_.of_type + "_module";
    return "\n\nstatic PyObject *\n" + name +
           "(PyTypeObject *type)\n{\n"
           "#if PY_VERSION_HEX >= 0x030B0000\n"
           "    return PyType_GetModuleByDef(type, &" +
           module_.name +
           ");\n"
           "#else\n"
           "    PyObject *mro = type->tp_mro;\n"
           "    Py_ssize_t i;\n"
           "    for (i = 0; i < PyTuple_GET_SIZE(mro); i++) {\n"
           "        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);\n"
           "        PyObject *module = PyType_HasFeature(base, Py_TPFLAGS_HEAPTYPE)\n"
           "            ? ((PyHeapTypeObject *)base)->ht_module : NULL;\n"
           "        if (module != NULL && PyModule_GetDef(module) == &" +
           module_.name +
           ")\n"
           "            return module;\n"
           "        PyErr_Clear();\n"
           "    }\n"
           "    return NULL;\n"
           "#endif\n}";
  }

  std::string ownership() const {
    std::string visits, clears;
    for (const Component &component : file_.components)
      if (component.released) {
        visits += "    Py_VISIT(" + names_.local + "->" + component.member + ");\n";
        clears += "    Py_CLEAR(" + names_.local + "->" + component.member + ");\n";
      }
    const std::string local = "    " + names_.type + " *" + names_.local + " = " + names_.of_module + "(module);\n";
    return "\n\nstatic int\n" + names_.traverse + "(PyObject *module, visitproc visit, void *arg)\n{\n" + local +
           visits + "    return 0;\n}\n\nstatic int\n" + names_.clear + "(PyObject *module)\n{\n" + local + clears +
           "    return 0;\n}\n\nstatic void\n" + names_.free + "(void *module)\n{\n    (void)" + names_.clear +
           "((PyObject *)module);\n}";
  }

  // The start of the declaration that a place stands in, above its comment and its conditional.
  unsigned before(unsigned place) const {
    unsigned at = place;
    for (const Span &declaration : file_.top_level)
      if (declaration.begin <= place && place < declaration.end)
        at = declaration.begin;
    return static_cast<unsigned>(above(content_, line_start(content_, at)));
  }

  void add_struct() {
    std::string members;
    unsigned head = module_.statement.begin, use = head;
    for (const Component &component : file_.components) {
      members += member_line(component, content_);
      use = std::min(use, component.uses.first_use);
    }
    for (const std::string &name : needing_) {
      const FunctionShape &shape = unit_.functions.at(name);
      head = std::min(head, shape.body.begin);
      if (ways_.way(name) == WayKind::none)
        for (const Span &span : shape.heads)
          head = std::min(head, span.begin);
    }
    const std::string include = copies_ ? "#include <string.h>\n\n" : "";
    if (has_own_state(module_)) {
      insert(module_.state_end, members);
      const unsigned behind = static_cast<unsigned>(content_.find('\n', content_.find(';', module_.state_end)) + 1);
      insert(behind, "\n" + include + prototypes());
      return;
    }
    insert(before(std::min(head, use)), include +
                                            "/* What was static, once for each module object. */\ntypedef struct " +
                                            names_.type + " " + names_.type + ";\n" + prototypes() + "\n");
    insert(before(use), "struct " + names_.type + " {\n" + members + "};\n\n");
  }

  const UnitWays &unit_;
  const ModuleShape &module_;
  const StateWays &ways_;
  const FileStatics &file_;
  const std::string &content_;
  StateNames names_;
  std::set<std::string> needing_, silent_; // silent: only in text that was not read, as `assert` drops it
  std::set<WayKind> asked_;
  std::string first_value_;
  bool copies_ = false, owns_ = false;
  std::vector<Edit> edits_;
};

} // namespace

StateNames state_names(const ModuleShape &module, const std::string &content) {
  std::string stem = module.title.substr(module.title.rfind('.') + 1);
  stem.erase(0, std::min(stem.find_first_not_of('_'), stem.size()));
  if (stem.empty())
    stem = "module";
  StateNames names;
  names.type = has_own_state(module) ? module.state_type : free_name(stem + "_state", content);
  names.local = free_name("state", content);
  names.of_module = free_name("get_" + stem + "_state", content);
  names.of_type = free_name(stem + "_state_of_type", content);
  names.of_either = free_name(stem + "_state_of_either", content);
  names.init = free_name(stem + "_state_init", content);
  names.traverse = free_name(stem + "_state_traverse", content);
  names.clear = free_name(stem + "_state_clear", content);
  names.free = free_name(stem + "_state_free", content);
  return names;
}

std::string module_obstacle(const UnitWays &unit, const ModuleShape &module) {
  if (!module.has_slots)
    return module.name + " has single-phase init: convert it to multi-phase init first";
  if (!module.own_file || !module.at_file_scope || module.statement.file.empty() || module.slots_begin == 0)
    return "a macro or another file makes a part of " + module.name + ", or it is a function's";
  if (module.creates)
    return module.name + " has a Py_mod_create, which may make no module";
  if (has_own_state(module) && (module.state_type.empty() || module.state_end == 0))
    return module.name + " has a state whose struct is not written in this file";
  for (const auto &[member, parameters] :
       {std::pair("m_traverse", 3u), std::pair("m_clear", 1u), std::pair("m_free", 1u)})
    if (is_given(module, member)) {
      const FunctionShape *hook = hook_of(unit, module, member);
      if (!hook || !hook->own_file || hook->parameters.size() != parameters || hook->parameters[0].name.empty())
        return "the " + std::string(member) + " of " + module.name + " is not written in this file";
    }
  return {};
}

std::vector<Edit> module_state_edits(const UnitWays &unit, const StateWays &ways, const FileStatics &file,
                                     const std::string &content) {
  return StateWriter(unit, ways, file, content).edits();
}

} // namespace ringfence
