// What an object's declaration and type say.
#include "classify/index/generator.h"
#include "classify/predicates/object_facts.h"
#include "report/names.h"

namespace ringfence {

namespace {

bool deep_const(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].type.deep_const; }
bool top_const(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].type.top_const; }
bool array(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].type.array; }

bool one_word(const ProgramIndex &p, Index o, Word, Evidences &) { return is_one_word(p.program.objects[o].type); }

bool atomic_type(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.atomic, p, o, evidence, "atomic");
}
bool object_by_value(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.object_by_value, p, o, evidence, "an object struct by value");
}
bool type_by_value(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.type_by_value, p, o, evidence, "a type object by value");
}
bool reaches_interpreter(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.reaches_interpreter, p, o, evidence,
                       "leads to an interpreter or thread state");
}
bool reaches_void(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].type.reaches_void; }
bool function_pointer(const ProgramIndex &p, Index o, Word, Evidences &) {
  return p.program.objects[o].type.function_pointer;
}
bool data_pointer(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].type.data_pointer; }
bool functions_alone(const ProgramIndex &p, Index o, Word, Evidences &) {
  const TypeFacts &type = p.program.objects[o].type;
  return type.function_pointer && !type.data_pointer && !type.reaches_void && !type.reaches_object;
}
bool lock_type(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.lock, p, o, evidence, "a lock");
}
bool handle_type(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.handle, p, o, evidence, "a handle of a library");
}
bool owns_object(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].type.owns_object, p, o, evidence,
                       "its destructor releases a Python object");
}
bool leads_to_trait(const ProgramIndex &p, Index o, Word trait, Evidences &evidence) {
  const KnownType *entry = p.tables.type(p.program.objects[o].type.leads_to);
  return show_declared(entry && entry->has(trait), p, o, evidence, "a library's own");
}
bool thread_local_storage(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].thread_local_storage, p, o, evidence, "one for each thread");
}
bool function_local(const ProgramIndex &p, Index o, Word, Evidences &) {
  return !p.program.objects[o].function.empty();
}
bool external_linkage(const ProgramIndex &p, Index o, Word, Evidences &) {
  return p.program.objects[o].external_linkage;
}
bool dynamic_initialiser(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].initialiser == Initialiser::dynamic, p, o, evidence, "initialised by code");
}
bool initialised(const ProgramIndex &p, Index o, Word, Evidences &) {
  const Initialiser initialiser = p.program.objects[o].initialiser;
  return initialiser == Initialiser::constant || initialiser == Initialiser::dynamic;
}
bool in_header(const ProgramIndex &p, Index o, Word, Evidences &evidence) {
  return show_declared(p.program.objects[o].in_header, p, o, evidence, "in a header");
}
bool outside(const ProgramIndex &p, Index o, Word, Evidences &) { return p.program.objects[o].outside; }
bool from_macro(const ProgramIndex &p, Index o, Word word, Evidences &) { return p.program.objects[o].macro == word; }
bool record(const ProgramIndex &p, Index o, Word word, Evidences &) { return p.program.objects[o].type.record == word; }

bool in_runtime_library(const ProgramIndex &p, Index o, Word, Evidences &) {
  const Index file = p.program.objects[o].location.file;
  return file < p.is_runtime_library.size() && p.is_runtime_library[file];
}

bool record_trait(const ProgramIndex &p, Index o, Word word, Evidences &evidence) {
  const KnownType *entry = p.tables.type(p.program.objects[o].type.record);
  return show_declared(entry && entry->has(word), p, o, evidence,
                       entry && entry->is_of_api() ? "a structure whose use CPython defines" : "a type that is known");
}

// The type's name without qualifiers, pointers and arrays: "XML_Parser", "ZSTD_CCtx" of "static ZSTD_CCtx *[2]".
bool type_name_trait(const ProgramIndex &p, Index o, Word word, Evidences &evidence) {
  std::string_view name = p.program.objects[o].type.spelling;
  for (const std::string_view prefix : {"static ", "const ", "struct "})
    if (name.starts_with(prefix))
      name.remove_prefix(prefix.size());
  name = name.substr(0, name.find_first_of(" *[&"));
  const KnownType *entry = p.tables.type(name);
  return show_declared(entry && entry->has(word), p, o, evidence, "a handle of a library");
}

bool only_declared(const ProgramIndex &p, Index o, Word, Evidences &) {
  return p.program.objects[o].definition == Definition::declaration;
}

bool storage(const ProgramIndex &p, Index o, Word word, Evidences &) {
  return to_string(p.program.objects[o].storage) == word;
}

bool object_trait(const ProgramIndex &p, Index o, Word word, Evidences &evidence) {
  const ApiEntry *entry = p.tables.object(p.program.objects[o].name);
  return show_declared(entry && entry->has(word), p, o, evidence, "part of CPython's public API");
}

bool character_array(const ProgramIndex &p, Index o, Word, Evidences &) {
  const TypeFacts &type = p.program.objects[o].type;
  return type.array && !type.pointer && type.spelling.find("char") != std::string::npos;
}

bool name_begins(const ProgramIndex &p, Index o, Word prefix, Evidences &) {
  return p.program.objects[o].name.starts_with(prefix);
}

bool generated_by(const ProgramIndex &p, Index o, Word generator, Evidences &) {
  return generator_of(p, o) == generator;
}

bool type_contains(const ProgramIndex &p, Index o, Word text, Evidences &) {
  return p.program.objects[o].type.spelling.find(text) != std::string::npos;
}

constexpr ObjectPredicate declaration_rows[] = {
    {"deep-const", Takes::nothing, "const at every level that it points to", deep_const},
    {"top-const", Takes::nothing, "const itself, whatever it points to", top_const},
    {"scalar", Takes::nothing, "one arithmetic, enumeration or pointer value", scalar},
    {"leads-to-trait", Takes::trait, "the structure that it is or points to has this trait", leads_to_trait},
    {"pointer", Takes::nothing, "a pointer, or an array of pointers", pointer},
    {"array", Takes::nothing, "an array", array},
    {"one-word", Takes::nothing, "a scalar that the processor stores at once", one_word},
    {"atomic-type", Takes::nothing, "declared with an atomic type", atomic_type},
    {"reaches-object", Takes::nothing, "a pointer to a Python object is in its type or behind it", reaches_object},
    {"object-by-value", Takes::nothing, "an object struct is in it", object_by_value},
    {"type-by-value", Takes::nothing, "a PyTypeObject is in it", type_by_value},
    {"reaches-interpreter", Takes::nothing, "leads to an interpreter or a thread state", reaches_interpreter},
    {"reaches-void", Takes::nothing, "a void pointer is in it", reaches_void},
    {"function-pointer", Takes::nothing, "a function pointer is in it", function_pointer},
    {"data-pointer", Takes::nothing, "a pointer to plain memory that is not const is in it", data_pointer},
    {"functions-alone", Takes::nothing, "pointers to functions are in it, and no other pointer", functions_alone},
    {"lock-type", Takes::nothing, "a lock, once flag or condition variable", lock_type},
    {"handle-type", Takes::nothing, "a handle of the C library or of a linked library", handle_type},
    {"owns-object", Takes::nothing, "C++: its destructor releases a Python object", owns_object},
    {"thread-local", Takes::nothing, "thread storage duration", thread_local_storage},
    {"function-local", Takes::nothing, "declared in a function", function_local},
    {"external-linkage", Takes::nothing, "visible to other units", external_linkage},
    {"dynamic-initialiser", Takes::nothing, "C++: its initialiser runs at load time or at first use",
     dynamic_initialiser},
    {"initialised", Takes::nothing, "has an initialiser that is not all zero", initialised},
    {"in-header", Takes::nothing, "declared in a header", in_header},
    {"outside", Takes::nothing, "declared in a file outside the project", outside},
    {"in-runtime-library", Takes::nothing, "declared in a copy of this project's runtime library, or in its header",
     in_runtime_library},
    {"from-macro", Takes::word, "declared by the expansion of this macro", from_macro},
    {"record", Takes::word, "of this struct, union or class, or an array of it", record},
    {"record-trait", Takes::trait, "of a struct that the tables give this trait", record_trait},
    {"type-name-trait", Takes::trait, "its type's name, or that of what it points to, has this trait in the tables",
     type_name_trait},
    {"only-declared", Takes::nothing, "declared, but defined by no unit of the program", only_declared},
    {"storage", Takes::word,
     "this kind of storage: \"file-static\", \"external\", \"inline\", \"template-static\", ...", storage},
    {"object-trait", Takes::trait, "a public object that the tables give this trait", object_trait},
    {"character-array", Takes::nothing, "an array of characters", character_array},
    {"name-begins", Takes::word, "its name begins with this", name_begins},
    {"generated-by", Takes::word, "written by this generator", generated_by},
    {"type-contains", Takes::word, "this text stands in its type", type_contains},
};

} // namespace

std::span<const ObjectPredicate> declaration_predicates() { return declaration_rows; }

} // namespace ringfence
