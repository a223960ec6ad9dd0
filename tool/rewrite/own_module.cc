#include "rewrite/own_module.h"

#include <algorithm>

#include "knowledge/source_names.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

constexpr std::string_view attribute = "__module__";

const AttributeTable *table_of(const UnitTypes &unit, const HeapType &type, std::string_view member) {
  const TypeField *field = field_of(type, member);
  const auto found = field ? unit.attributes.find(field->refers) : unit.attributes.end();
  return found == unit.attributes.end() ? nullptr : &found->second;
}

const Attribute *attribute_of(const AttributeTable *table) {
  if (!table)
    return nullptr;
  const auto at = std::ranges::find(table->attributes, attribute, &Attribute::name);
  return at == table->attributes.end() ? nullptr : &*at;
}

bool is_member(const UnitTypes &unit, const HeapType &type) { return !attribute_of(table_of(unit, type, "tp_getset")); }

// The element with its comma.
Span with_comma(const Span &element, const std::string &content) {
  const std::size_t comma = content.find_first_not_of(" \t\n", element.end);
  return comma != std::string::npos && content[comma] == ','
             ? Span{element.file, element.begin, static_cast<unsigned>(comma + 1)}
             : Span{};
}

std::string descriptor_name(const HeapType &giver) { return giver.shape->name + "_module_of_instances"; }
std::string finder_name(const HeapType &giver) { return giver.shape->name + "_finds_module"; }

std::string asks_for_it(const HeapType &giver) {
  return "PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, \"__module__\") == 0 &&\n        " +
         finder_name(giver) + "(Py_TYPE(self), name)";
}

} // namespace

const Attribute *module_attribute(const UnitTypes &unit, const HeapType &type) {
  const Attribute *own = attribute_of(table_of(unit, type, "tp_getset"));
  return own ? own : attribute_of(table_of(unit, type, "tp_members"));
}

std::string own_module_obstacle(const UnitTypes &unit, const HeapType &type) {
  const std::string own = "its instances have a __module__ of their own, and ";
  if (field_of(type, "tp_getattr") || field_of(type, "tp_setattr"))
    return own + "its tp_getattr or tp_setattr takes no object as the name";
  for (const std::string_view slot : {"tp_getattro", "tp_setattro"})
    if (const TypeField *field = field_of(type, slot); field && field->refers.empty())
      return own + "its " + std::string(slot) + " is no function by its name";
  if (const Attribute *attribute = module_attribute(unit, type)) {
    const AttributeTable *members = table_of(unit, type, "tp_members");
    if (attribute->element.file.empty())
      return own + "its element of the table is not written out, or none reads it";
    if (is_member(unit, type) && members->first == attribute->element.begin) // where offsets become members
      return own + "it stands first in its table";
  }
  if (type.module_giver != type.shape->name)
    return {};
  const bool known = std::ranges::find(unit.types, type.base_name, &TypeShape::name) != unit.types.end();
  return type.base.empty() || known ? std::string() : own + "its base of another file may answer otherwise";
}

const HeapType *OwnModules::find(const std::string &name) const {
  const auto at = std::ranges::find_if(types_, [&](const HeapType &type) { return type.shape->name == name; });
  return at == types_.end() ? nullptr : &*at;
}

std::vector<Edit> OwnModules::removals() const {
  std::vector<Edit> edits; // a table can be that of several types: equal ones count once
  for (const HeapType &type : types_)
    if (const Attribute *own = type.module_giver.empty() ? nullptr : module_attribute(unit_, type))
      edits.push_back(removal_of(content_, with_comma(own->element, content_)));
  return edits;
}

bool OwnModules::answers(const HeapType &type, std::string_view slot) const {
  return !type.module_giver.empty() && (slot == "tp_getattro" || slot == "tp_setattro") &&
         (gives(type) || field_of(type, slot));
}

std::string OwnModules::function(const HeapType &type, std::string_view slot) const {
  return type.shape->name + "_" + std::string(slot.substr(3)) + "_of_heap_type";
}

std::string OwnModules::before_spec(const HeapType &type) const {
  std::string text;
  if (answers(type, "tp_getattro"))
    text += "static PyObject *" + function(type, "tp_getattro") + "(PyObject *self, PyObject *name);\n";
  if (answers(type, "tp_setattro"))
    text += "static int " + function(type, "tp_setattro") + "(PyObject *self, PyObject *name, PyObject *value);\n";
  return text + (text.empty() ? "" : "\n");
}

// What the type does for all other names, as a call without its arguments behind the name.
std::string OwnModules::otherwise(const HeapType &type, std::string_view slot) const {
  for (const HeapType *at = &type; at; at = find(at->base_name))
    if (const TypeField *field = field_of(*at, slot)) {
      const auto function = unit_.functions.find(field->refers);
      const bool cast = function != unit_.functions.end() && !function->second.self_type.empty() &&
                        function->second.self_type != source_name::object_pointer;
      return field->refers + "(" + (cast ? "(" + function->second.self_type + ")" : "") + "self, name";
    }
  return std::string(slot == "tp_getattro" ? source_name::gets_any_attribute : source_name::sets_any_attribute) +
         "(self, name";
}

std::string OwnModules::finder(const HeapType &giver) const {
  std::string same;
  for (const HeapType &type : types_)
    if (type.module_giver == giver.shape->name)
      same += (same.empty() ? "" : " || ") + std::string("found == ") + type.pointer;
  const bool members = is_member(unit_, giver);
  const Span &span = module_attribute(unit_, giver)->element;
  return "\n\n/* The __module__ of instances. A heap type's own, a string, stands in its dictionary. */\nstatic " +
         std::string(members ? "PyMemberDef " : "PyGetSetDef ") + descriptor_name(giver) + " = " +
         content_.substr(span.begin, span.end - span.begin) + ";\n\n/* Whether instances find the type's own. */\n" +
         "static int\n" + finder_name(giver) +
         "(PyTypeObject *type, PyObject *name)\n{\n    PyObject *mro = type->tp_mro;\n    Py_ssize_t i;\n"
         "    for (i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {\n"
         "        PyTypeObject *found = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);\n        if (" +
         same +
         ")\n            return 1;\n"
         "        if (PyType_HasFeature(found, Py_TPFLAGS_HEAPTYPE) &&\n"
         "            PyDict_GetItemWithError(found->tp_dict, name) != NULL)\n            return 0;\n"
         "    }\n    return 0;\n}";
}

std::string OwnModules::getter(const HeapType &type, const HeapType &giver) const {
  const std::string own = descriptor_name(giver);
  return "\n\nstatic PyObject *\n" + function(type, "tp_getattro") + "(PyObject *self, PyObject *name)\n{\n    if (" +
         asks_for_it(giver) + ")\n        return " +
         (is_member(unit_, giver) ? "PyMember_GetOne((const char *)self, &" + own + ")"
                                  : own + ".get(self, " + own + ".closure)") +
         ";\n    return " + otherwise(type, "tp_getattro") + ");\n}";
}

std::string OwnModules::setter(const HeapType &type, const HeapType &giver) const {
  const std::string own = descriptor_name(giver);
  std::string text = "\n\nstatic int\n" + function(type, "tp_setattro") +
                     "(PyObject *self, PyObject *name, PyObject *value)\n{\n    if (" + asks_for_it(giver) + ")";
  if (is_member(unit_, giver))
    text += "\n        return PyMember_SetOne((char *)self, &" + own + ", value);\n";
  else
    text +=
        " {\n        if (" + own + ".set != NULL)\n            return " + own + ".set(self, value, " + own +
        ".closure);\n        PyErr_Format(PyExc_AttributeError, \"attribute '__module__' of '%.100s' objects is not "
        "writable\",\n                     " +
        giver.pointer + "->tp_name);\n        return -1;\n    }\n";
  return text + "    return " + otherwise(type, "tp_setattro") + ", value);\n}";
}

std::string OwnModules::behind_spec(const HeapType &type) const {
  const HeapType *giver = find(type.module_giver), *last = nullptr;
  if (!giver)
    return {};
  for (const HeapType &other : types_)
    if (other.module_giver == type.module_giver &&
        (!last || last->shape->definition.begin < other.shape->definition.begin))
      last = &other;
  if (last->shape != type.shape)
    return {};
  std::string text = finder(*giver);
  for (const HeapType &other : types_) {
    if (other.module_giver != type.module_giver)
      continue;
    if (answers(other, "tp_getattro"))
      text += getter(other, *giver);
    if (answers(other, "tp_setattro"))
      text += setter(other, *giver);
  }
  return text;
}

} // namespace ringfence
