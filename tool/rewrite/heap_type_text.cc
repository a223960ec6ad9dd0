#include "rewrite/heap_type_text.h"

#include <algorithm>
#include <map>
#include <span>

#include "base/text.h"
#include "knowledge/source_names.h"
#include "rewrite/own_module.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

// Members of PyTypeObject that a slot of the same name takes.
constexpr std::string_view slots[] = {"dealloc",  "getattr",  "setattr", "repr",     "hash",      "call",        "str",
                                      "getattro", "setattro", "doc",     "traverse", "clear",     "richcompare", "iter",
                                      "iternext", "methods",  "members", "getset",   "descr_get", "descr_set",   "init",
                                      "alloc",    "new",      "free",    "is_gc",    "del",       "finalize"};
constexpr std::string_view tables[] = {"tp_as_async", "tp_as_number", "tp_as_sequence", "tp_as_mapping",
                                       "tp_as_buffer"};
// What the spec has fields for, or members.
constexpr std::string_view others[] = {"tp_name", "tp_basicsize",      "tp_itemsize",   "tp_flags",
                                       "tp_base", "tp_weaklistoffset", "tp_dictoffset", "tp_vectorcall_offset"};

bool has(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool is_slot(std::string_view member) { return member.starts_with("tp_") && has(slots, member.substr(3)); }

const SlotFunction *function_of(const UnitTypes &unit, const std::string &name) {
  const auto at = unit.functions.find(name);
  return at == unit.functions.end() || at->second.body.file.empty() ? nullptr : &at->second;
}

const TypeUse *ready_of(const HeapType &type) {
  const auto at = std::ranges::find(type.shape->uses, TypeUse::Kind::ready, &TypeUse::kind);
  return at == type.shape->uses.end() ? nullptr : &*at;
}

std::string read_fields(HeapType &type) {
  for (const TypeField &field : type.fields)
    if (!is_slot(field.name) && !has(tables, field.name) && !has(others, field.name))
      return "no slot takes its " + field.name;
  if (const TypeField *base = field_of(type, "tp_base")) {
    type.base = base->text;
    type.base_name = base->refers;
  }
  if (!field_of(type, "tp_name") || !field_of(type, "tp_name")->string)
    return "its name is no string literal";
  type.instantiable |= field_of(type, "tp_new") != nullptr || !type.base.empty();
  return {};
}

// What code sets before PyType_Ready belongs to the table.
std::string read_assignments(HeapType &type) {
  const TypeUse *ready = ready_of(type);
  if (!ready)
    return "nothing calls PyType_Ready on it by its name";
  for (const TypeUse &use : type.shape->uses) {
    if (use.kind == TypeUse::Kind::ready && &use != ready)
      return "PyType_Ready is called on it in several places";
    if (use.kind != TypeUse::Kind::assign)
      continue;
    if (use.function != ready->function || use.span.begin > ready->span.begin)
      return "code sets its " + use.field.name + " elsewhere than before PyType_Ready";
    if (use.field.text == "PyBaseObject_Type.tp_new") // which a heap type inherits
      type.instantiable = true;
    else if (field_of(type, use.field.name) || use.field.text.empty() ||
             (use.field.name != "tp_base" && use.field.refers.empty()))
      return "code sets its " + use.field.name + " to what no table can hold";
    else
      type.fields.push_back(use.field);
  }
  return {};
}

// Whether its instances have the attribute from this table: a heap type has it in its dictionary, where a descriptor of
// instances hides the type's own.
bool gives_instances(const UnitTypes &unit, const HeapType &type, std::string_view table, std::string_view attribute) {
  const TypeField *field = field_of(type, table);
  const auto found = field ? unit.attributes.find(field->refers) : unit.attributes.end();
  return found != unit.attributes.end() &&
         std::ranges::find(found->second.attributes, attribute, &Attribute::name) != found->second.attributes.end();
}

std::string read_attributes(const UnitTypes &unit, const HeapType &type) {
  if (field_of(type, "tp_doc") &&
      (gives_instances(unit, type, "tp_getset", "__doc__") || gives_instances(unit, type, "tp_members", "__doc__")))
    return "its instances have a __doc__ of their own, which is no longer that of the type";
  return {};
}

// The type itself, or the nearest base in the file, that gives instances a __module__ of their own: of those that do so
// in the same words, the last.
std::string giver_of_module(const UnitTypes &unit, const std::string &own) {
  std::string giver, words;
  for (std::string name = own; !name.empty();) {
    const auto at = std::ranges::find(unit.types, name, &TypeShape::name);
    if (at == unit.types.end())
      break;
    HeapType type;
    type.shape = &*at;
    type.fields = at->fields;
    read_assignments(type);
    read_fields(type);
    if (const Attribute *attribute = module_attribute(unit, type)) {
      if (!giver.empty() && attribute->text != words)
        break;
      giver = name;
      words = attribute->text;
    }
    name = type.base_name;
  }
  return giver;
}

// A function of slots, without the traps that no wrapper mends.
std::string read_functions(const UnitTypes &unit, HeapType &type) {
  if (const TypeField *field = field_of(type, "tp_dealloc")) {
    type.dealloc = field->refers;
    if (type.dealloc.empty() || !function_of(unit, type.dealloc))
      return "its dealloc is not written in this file";
  }
  if (const TypeField *field = field_of(type, "tp_traverse")) {
    type.traverse = field->refers;
    if (type.traverse.empty() || !function_of(unit, type.traverse))
      return "its traverse is not written in this file";
  }
  return {};
}

} // namespace

bool frees_last(const SlotFunction &function, const std::string &content) {
  const std::string body = content.substr(function.body.begin, function.body.end - function.body.begin);
  const std::string last = content.substr(function.last.begin, function.last.end - function.last.begin);
  const auto count = [&](std::string_view word) {
    int times = 0;
    for (std::size_t at = body.find(word); at != std::string::npos; at = body.find(word, at + 1))
      ++times;
    return times;
  };
  int frees = count("tp_free");
  for (const std::string_view word : source_name::frees_object)
    frees += count(word);
  const bool frees_there =
      last.find("tp_free") != std::string::npos ||
      std::ranges::any_of(source_name::frees_object, [&](std::string_view word) { return last.starts_with(word); });
  // A return behind a finaliser keeps the object, and with it the type.
  const bool returns = function.returns && count("return") != count(source_name::may_keep_object);
  return !returns && frees_there && frees >= 1 && frees <= 2 && last.find('{') == std::string::npos &&
         (frees == 1 || last.find(source_name::frees_collected) != std::string::npos);
}

std::string spec_name(const HeapType &type) { return type.shape->name + "_spec"; }

const TypeField *field_of(const HeapType &type, std::string_view member) {
  const auto at = std::ranges::find(type.fields, member, &TypeField::name);
  return at == type.fields.end() ? nullptr : &*at;
}

std::string prepare(const UnitTypes &unit, const std::set<std::string> &exec, HeapType &type) {
  type.fields = type.shape->fields;
  if (type.pointer.empty())
    type.pointer = type.shape->name;
  type.exec = exec;
  if (std::string reason = read_assignments(type); !reason.empty())
    return reason;
  if (std::string reason = read_fields(type); !reason.empty())
    return reason;
  if (!field_of(type, "tp_name")->dotted && !type.module.empty())
    type.note = "its __module__ is " + type.module + ", no longer builtins";
  if (std::string reason = read_attributes(unit, type); !reason.empty())
    return reason;
  type.module_giver = giver_of_module(unit, type.shape->name);
  if (!type.module_giver.empty()) {
    type.note += (type.note.empty() ? "" : "; ") + std::string("its tp_getattro answers instances' __module__");
    if (std::string reason = own_module_obstacle(unit, type); !reason.empty())
      return reason;
  }
  return read_functions(unit, type);
}

std::string order_obstacle(const UnitTypes &unit, const HeapType &type, const std::vector<HeapType> &moving) {
  // A static type cannot have a heap type as its base.
  for (const TypeShape &derived : unit.types) {
    const auto names_it = [&](const TypeField &field) {
      return field.name == "tp_base" && field.refers == type.shape->name;
    };
    if ((std::ranges::any_of(derived.fields, names_it) ||
         std::ranges::any_of(derived.uses, names_it, &TypeUse::field)) &&
        std::ranges::none_of(moving, [&](const HeapType &other) { return other.shape == &derived; }))
      return derived.name + ", whose base it is, stays static";
  }
  if (!type.module_giver.empty() &&
      std::ranges::none_of(moving, [&](const HeapType &other) { return other.shape->name == type.module_giver; }))
    return "its base " + type.module_giver + ", which stays static, gives instances a __module__ of their own";
  for (const HeapType &base : moving) {
    if (base.shape->name != type.base_name)
      continue;
    const TypeUse *own = ready_of(type), *first = ready_of(base);
    if (own->function != first->function || own->span.begin < first->span.begin)
      return "its base " + type.base_name + " is made after it";
  }
  return {};
}

namespace {

// On one line, where it is code without comments.
std::string on_one_line(std::string text) {
  if (text.find("/*") != std::string::npos || text.find("//") != std::string::npos)
    return text;
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) {
    const std::size_t begin = text.find_last_not_of(" \t\n", at) + 1, end = text.find_first_not_of(" \t\n", at);
    text.replace(begin, end - begin, " ");
    at = begin;
  }
  return text;
}

class TypeWriter {
public:
  TypeWriter(const UnitTypes &unit, const std::vector<HeapType> &types, const std::string &helper,
             const std::string &content)
      : unit_(unit), types_(types), helper_(helper), content_(content), own_modules_(unit, types, content) {}

  std::vector<Edit> edits() {
    for (const HeapType &type : types_) {
      edit_declarations(type);
      edit_uses(type);
      if (const SlotFunction *function = function_of(unit_, type.dealloc))
        edit_dealloc(*function);
      if (const SlotFunction *function = function_of(unit_, type.traverse))
        edit_traverse(*function);
    }
    edit_asked_types();
    for (Edit &edit : own_modules_.removals())
      edits_.push_back(std::move(edit));
    remove_tables();
    return edits_;
  }

private:
  void replace(const Span &span, const std::string &text) { edits_.push_back({span.begin, span.end, text}); }
  void insert(std::size_t at, const std::string &text) {
    edits_.push_back({static_cast<unsigned>(at), static_cast<unsigned>(at), text});
  }
  std::string of(const Span &span) const { return content_.substr(span.begin, span.end - span.begin); }

  static std::string declared(const HeapType &type) { return "PyTypeObject *" + type.pointer + ";"; }

  // How many slots of the types that move hold the function.
  unsigned slots_with(const std::string &function) const {
    unsigned count = 0;
    for (const HeapType &type : types_)
      count += static_cast<unsigned>(std::ranges::count(type.shape->fields, function, &TypeField::refers));
    return count;
  }

  // ---- functions

  static std::string wrapper_of(const SlotFunction &function) { return function.name + "_of_heap_type"; }

  bool edits_in_place(const SlotFunction &function) const {
    return function.uses == slots_with(function.name) && !function.parameters.empty() &&
           !function.parameters[0].empty();
  }

  void edit_dealloc(const SlotFunction &function) {
    if (!edits_in_place(function) || !frees_last(function, content_) || !done_.insert(function.name).second)
      return;
    const std::string type = free_name("type", of(function.body));
    const std::string indent = indentation(content_, function.last.begin);
    insert(function.body.begin + 1,
           "\n" + indent + "PyTypeObject *" + type + " = Py_TYPE(" + function.parameters[0] + ");");
    insert(function.last.end, "\n" + indent + "Py_DECREF(" + type + ");");
  }

  bool is_edited_dealloc(const SlotFunction &function) const {
    return edits_in_place(function) && frees_last(function, content_);
  }
  bool is_edited_traverse(const SlotFunction &function) const {
    return edits_in_place(function) && function.parameters.size() == 3 && function.parameters[1] == "visit" &&
           function.parameters[2] == "arg";
  }

  void edit_traverse(const SlotFunction &function) {
    if (!is_edited_traverse(function) || !done_.insert(function.name).second)
      return;
    const std::string indent = indentation(content_, function.last.begin);
    insert(function.begin, "\n" + indent + "Py_VISIT(Py_TYPE(" + function.parameters[0] + "));");
  }

  // Functions before the spec that do for the slot what the function itself cannot, since others call it.
  std::string wrappers(const HeapType &type) {
    std::string text;
    const SlotFunction *dealloc = function_of(unit_, type.dealloc), *traverse = function_of(unit_, type.traverse);
    if (dealloc && !is_edited_dealloc(*dealloc) && wrapped_.insert(dealloc->name).second)
      text += "static void\n" + wrapper_of(*dealloc) +
              "(PyObject *self)\n{\n    PyTypeObject *type = Py_TYPE(self);\n    " + dealloc->name + "((" +
              dealloc->self_type + ")self);\n    Py_DECREF(type);\n}\n\n";
    if (traverse && !is_edited_traverse(*traverse) && wrapped_.insert(traverse->name).second)
      text += "static int\n" + wrapper_of(*traverse) +
              "(PyObject *self, visitproc visit, void *arg)\n{\n    Py_VISIT(Py_TYPE(self));\n    return " +
              traverse->name + "((" + traverse->self_type + ")self, visit, arg);\n}\n\n";
    return text;
  }

  // ---- the spec

  std::string slot_value(const HeapType &type, const TypeField &field) const {
    if (own_modules_.answers(type, field.name))
      return own_modules_.function(type, field.name);
    const SlotFunction *function = function_of(unit_, field.refers);
    if (field.name == "tp_dealloc" && function && !is_edited_dealloc(*function))
      return wrapper_of(*function);
    if (field.name == "tp_traverse" && function && !is_edited_traverse(*function))
      return wrapper_of(*function);
    return (field.name == "tp_doc" || field.refers.empty() ? "(void *)" : "") + field.text;
  }

  std::string slot_line(const std::string &slot, const std::string &value) const {
    const bool cast = unit_.cxx && !value.starts_with("(void *)");
    return "    {" + slot + ", " + (cast ? "(void *)" : "") + value + "},\n";
  }

  std::string slot_lines(const HeapType &type) const {
    std::string text;
    for (const TypeField &field : type.fields) {
      if (is_slot(field.name))
        text += slot_line("Py_" + field.name, slot_value(type, field));
      const auto table = has(tables, field.name) ? unit_.tables.find(field.refers) : unit_.tables.end();
      if (table != unit_.tables.end())
        for (const TypeField &entry : table->second.fields)
          text += slot_line("Py_" + entry.name, (entry.refers.empty() ? "(void *)" : "") + entry.text);
    }
    for (const std::string slot : {"tp_getattro", "tp_setattro"})
      if (own_modules_.answers(type, slot) && !field_of(type, slot))
        text += slot_line("Py_" + slot, own_modules_.function(type, slot));
    if (!offsets(type).empty() && !field_of(type, "tp_members"))
      text += slot_line("Py_tp_members", type.shape->name + "_members");
    return text;
  }

  // Members by which a heap type tells where its special fields are.
  std::string offsets(const HeapType &type) const {
    std::string text;
    for (const auto &[member, name] :
         {std::pair("tp_weaklistoffset", "__weaklistoffset__"), std::pair("tp_dictoffset", "__dictoffset__"),
          std::pair("tp_vectorcall_offset", "__vectorcalloffset__")})
      if (const TypeField *field = field_of(type, member))
        text += "    {\"" + std::string(name) + "\", T_PYSSIZET, " + field->text + ", READONLY, NULL},\n";
    return text;
  }

  std::string spec(const HeapType &type) {
    const std::string &name = type.shape->name;
    std::string text = wrappers(type);
    if (const std::string own = offsets(type); !own.empty()) {
      const TypeField *members = field_of(type, "tp_members");
      if (!members)
        text += "static PyMemberDef " + name + "_members[] = {\n" + own + "    {NULL}\n};\n\n";
      else if (const auto table = unit_.attributes.find(members->refers); table != unit_.attributes.end())
        insert(table->second.first, std::string(trim(own)) + "\n" + indentation(content_, table->second.first));
    }
    text += own_modules_.before_spec(type);
    text += "static PyType_Slot " + name + "_slots[] = {\n" + slot_lines(type) + "    {0, NULL}\n};\n\n";
    const TypeField *type_name = field_of(type, "tp_name"), *flags = field_of(type, "tp_flags");
    text += "static PyType_Spec " + spec_name(type) + " = {\n" +
            member("name", (type_name->dotted ? "" : "\"" + (type.module.empty() ? "builtins" : type.module) + ".\" ") +
                               on_one_line(type_name->text));
    for (const auto &[field_name, entry] :
         {std::pair("tp_basicsize", "basicsize"), std::pair("tp_itemsize", "itemsize")})
      if (const TypeField *field = field_of(type, field_name); field || unit_.cxx)
        text += member(entry, field ? field->text : "0");
    text += member("flags", (flags ? on_one_line(flags->text) : std::string("Py_TPFLAGS_DEFAULT")) +
                                " | Py_TPFLAGS_IMMUTABLETYPE" +
                                (type.instantiable ? "" : " | Py_TPFLAGS_DISALLOW_INSTANTIATION"));
    return text + member("slots", name + "_slots") + "};" + own_modules_.behind_spec(type);
  }

  // Before C++20 there is no designator.
  std::string member(const std::string &name, const std::string &value) const {
    return "    " + (unit_.cxx ? value + ", /* " + name + " */" : "." + name + " = " + value + ",") + "\n";
  }

  // Once in a file, before the first spec.
  std::string helper() const {
    const bool members = std::ranges::any_of(types_, [&](const HeapType &type) { return !offsets(type).empty(); });
    return std::string(members && content_.find("structmember.h") == std::string::npos ? "#include <structmember.h>\n\n"
                                                                                       : "") +
           "#if PY_VERSION_HEX < 0x030A0000\n"
           "#define Py_TPFLAGS_IMMUTABLETYPE 0\n"
           "#define Py_TPFLAGS_DISALLOW_INSTANTIATION (1UL << 7)\n"
           "#endif\n\n"
           "/* Makes the type, once, as PyType_Ready does for a static one. 0, or -1 with an exception. */\n"
           "static int\n" +
           helper_ +
           "(PyTypeObject **type, PyObject *module, PyType_Spec *spec, PyTypeObject *base)\n"
           "{\n"
           "    PyObject *bases = NULL;\n"
           "    if (*type != NULL)\n"
           "        return 0;\n"
           "    if (base != NULL && (bases = PyTuple_Pack(1, base)) == NULL)\n"
           "        return -1;\n"
           "    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, bases);\n"
           "    Py_XDECREF(bases);\n"
           "#if PY_VERSION_HEX < 0x030A0000\n"
           "    if (*type != NULL && (spec->flags & Py_TPFLAGS_DISALLOW_INSTANTIATION))\n"
           "        (*type)->tp_new = NULL;\n"
           "#endif\n"
           "    return *type == NULL ? -1 : 0;\n"
           "}\n\n";
  }

  void edit_declarations(const HeapType &type) {
    const std::string pointer = (type.header.file.empty() ? "static " : "") + declared(type);
    const std::string before = helper_done_ ? std::string() : helper();
    helper_done_ = true;
    for (const Span &statement : type.shape->statements) {
      const bool first = statement == type.shape->statements.front();
      if (statement == type.shape->definition)
        replace(statement, (first ? pointer + "\n\n" : "") + before + spec(type));
      else if (first)
        replace(statement, pointer);
      else
        edits_.push_back(removal_of(content_, statement));
    }
  }

  // ---- uses

  std::string base_of(const HeapType &type) const {
    if (type.base.empty())
      return "NULL";
    const auto base =
        std::ranges::find_if(types_, [&](const HeapType &other) { return other.shape->name == type.base_name; });
    return base == types_.end() ? type.base : base->pointer;
  }

  void edit_uses(const HeapType &type) {
    int given = 0; // references made for others and not yet taken, in the function that makes it
    for (const TypeUse &use : type.shape->uses) {
      const std::string module = type.exec.contains(use.function) ? use.parameter : "NULL";
      switch (use.kind) {
      case TypeUse::Kind::ready: {
        const std::string made =
            helper_ + "(&" + type.pointer + ", " + module + ", &" + spec_name(type) + ", " + base_of(type) + ")";
        replace(use.span,
                use.callee != source_name::readies_and_adds_type
                    ? made
                    : "-(" + made + " < 0 || " + use.callee + "(" + use.field.text + ", " + type.pointer + ") < 0)");
        break;
      }
      case TypeUse::Kind::assign:
        edits_.push_back(removal_of(content_, use.span));
        break;
      case TypeUse::Kind::member:
        replace(use.span, type.pointer + "->");
        break;
      case TypeUse::Kind::unread:
        replace(use.span, type.pointer);
        break;
      case TypeUse::Kind::address:
        replace(use.span, type.pointer);
        given += is_one_of(source_name::makes_reference, use.callee);
        // A static type could do without a reference of its own.
        if (use.callee == source_name::adds_to_module && --given < 0 && !use.statement.file.empty()) {
          given = 0;
          insert(use.statement.begin,
                 "Py_INCREF(" + type.pointer + ");\n" + indentation(content_, use.statement.begin));
        }
        break;
      }
    }
  }

  // Asked for `__annotations__`, a heap type makes an empty one, which then hides a base's from instances.
  void edit_asked_types() {
    if (unit_.asked_types.empty())
      return;
    const std::string name = free_name("type_has_attribute", content_);
    const std::string head = "static int\n" + name + "(PyObject *type, PyObject *name)";
    std::string same;
    for (const HeapType &type : types_)
      same += (same.empty() ? "" : " || ") + std::string("type == (PyObject *)") + type.pointer;
    for (const Span &asked : unit_.asked_types)
      replace(asked, name);
    for (const auto &[function, shape] : unit_.functions)
      if (shape.body.contains(unit_.asked_types.front()))
        insert(above(content_, line_start(content_, shape.declared)), head + ";\n\n");
    insert(types_.back().shape->definition.end,
           "\n\n/* A static type has no __annotations__; a heap type makes them when it is asked. */\n" + head +
               "\n{\n    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, \"__annotations__\") == 0 "
               "&&\n"
               "        (" +
               same + "))\n        return 0;\n    return " + std::string(source_name::has_attribute) +
               "(type, name);\n}");
  }

  // A sub-table that no type needs any more.
  void remove_tables() {
    for (const auto &[name, table] : unit_.tables) {
      if (table.uses == 0 || table.uses != slots_with(name))
        continue;
      for (const Span &statement : table.statements)
        if (!statement.file.empty())
          edits_.push_back(removal_of(content_, statement));
    }
  }

  const UnitTypes &unit_;
  const std::vector<HeapType> &types_;
  const std::string &helper_, &content_;
  const OwnModules own_modules_;
  std::set<std::string> done_, wrapped_;
  bool helper_done_ = false;
  std::vector<Edit> edits_;
};

} // namespace

Edit header_edit(const HeapType &type) {
  return {type.header.begin, type.header.end,
          "extern PyTypeObject *" + type.pointer + ";\n#define " + type.shape->name + " (*" + type.pointer + ")"};
}

std::vector<Edit> heap_type_edits(const UnitTypes &unit, const std::vector<HeapType> &types, const std::string &helper,
                                  const std::string &content) {
  return TypeWriter(unit, types, helper, content).edits();
}

} // namespace ringfence
