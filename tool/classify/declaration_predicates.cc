// What an object's declaration and type say.
#include "classify/object_predicates.h"
#include "report/names.h"

namespace ringfence::object_predicate {

namespace {

// Shows the declaration where the fact holds.
bool shown(bool holds, const Context &context, Index object, Evidences &evidence, const char *what) {
  const Object &declared = context.program.objects[object];
  if (holds)
    evidence.push_back(
        {context.place(declared.location), declared.function, "declared as " + declared.type.spelling + ": " + what});
  return holds;
}

constexpr std::uint64_t word_size = 8; // bytes that every supported processor stores at once

} // namespace

using Word = const std::string &;

bool deep_const(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.deep_const; }
bool top_const(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.top_const; }
bool scalar(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.scalar; }
bool pointer(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.pointer; }
bool array(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.array; }

bool one_word(const Context &c, Index o, Word, Evidences &) {
  const TypeFacts &type = c.program.objects[o].type;
  return type.scalar && type.size != 0 && type.size <= word_size;
}

bool atomic_type(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.atomic, c, o, evidence, "atomic");
}
bool reaches_object(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.reaches_object, c, o, evidence, "leads to a Python object");
}
bool object_by_value(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.object_by_value, c, o, evidence, "an object struct by value");
}
bool type_by_value(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.type_by_value, c, o, evidence, "a type object by value");
}
bool reaches_interpreter(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.reaches_interpreter, c, o, evidence,
               "leads to an interpreter or thread state");
}
bool reaches_void(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.reaches_void; }
bool function_pointer(const Context &c, Index o, Word, Evidences &) {
  return c.program.objects[o].type.function_pointer;
}
bool data_pointer(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].type.data_pointer; }
bool lock_type(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.lock, c, o, evidence, "a lock");
}
bool handle_type(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.handle, c, o, evidence, "a handle of a library");
}
bool owns_object(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].type.owns_object, c, o, evidence, "its destructor releases a Python object");
}
bool thread_local_storage(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].thread_local_storage, c, o, evidence, "one for each thread");
}
bool function_local(const Context &c, Index o, Word, Evidences &) { return !c.program.objects[o].function.empty(); }
bool external_linkage(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].external_linkage; }
bool dynamic_initialiser(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].initialiser == Initialiser::dynamic, c, o, evidence, "initialised by code");
}
bool initialised(const Context &c, Index o, Word, Evidences &) {
  const Initialiser initialiser = c.program.objects[o].initialiser;
  return initialiser == Initialiser::constant || initialiser == Initialiser::dynamic;
}
bool in_header(const Context &c, Index o, Word, Evidences &evidence) {
  return shown(c.program.objects[o].in_header, c, o, evidence, "in a header");
}
bool outside(const Context &c, Index o, Word, Evidences &) { return c.program.objects[o].outside; }
bool from_macro(const Context &c, Index o, Word word, Evidences &) { return c.program.objects[o].macro == word; }
bool record(const Context &c, Index o, Word word, Evidences &) { return c.program.objects[o].type.record == word; }

bool in_runtime_library(const Context &c, Index o, Word, Evidences &) {
  const Index file = c.program.objects[o].location.file;
  return file < c.is_runtime_library.size() && c.is_runtime_library[file];
}

bool record_trait(const Context &c, Index o, Word word, Evidences &evidence) {
  const KnownType *entry = c.tables.type(c.program.objects[o].type.record);
  return shown(entry && entry->has(word), c, o, evidence, "a structure whose use CPython defines");
}

// The type's name without qualifiers, pointers and arrays: "XML_Parser", "ZSTD_CCtx" of "static ZSTD_CCtx *[2]".
bool type_name_trait(const Context &c, Index o, Word word, Evidences &evidence) {
  std::string_view name = c.program.objects[o].type.spelling;
  for (const std::string_view prefix : {"static ", "const ", "struct "})
    if (name.starts_with(prefix))
      name.remove_prefix(prefix.size());
  name = name.substr(0, name.find_first_of(" *[&"));
  const KnownType *entry = c.tables.type(name);
  return shown(entry && entry->has(word), c, o, evidence, "a handle of a library");
}

bool only_declared(const Context &c, Index o, Word, Evidences &) {
  return c.program.objects[o].definition == Definition::declaration;
}

bool storage(const Context &c, Index o, Word word, Evidences &) {
  return to_string(c.program.objects[o].storage) == word;
}

bool object_trait(const Context &c, Index o, Word word, Evidences &evidence) {
  const ApiEntry *entry = c.tables.object(c.program.objects[o].name);
  return shown(entry && entry->has(word), c, o, evidence, "part of CPython's public API");
}

bool character_array(const Context &c, Index o, Word, Evidences &) {
  const TypeFacts &type = c.program.objects[o].type;
  return type.array && !type.pointer && type.spelling.find("char") != std::string::npos;
}

} // namespace ringfence::object_predicate
