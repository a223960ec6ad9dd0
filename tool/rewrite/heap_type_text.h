// What a static type becomes: its spec, the functions of its slots, the calls that make it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "extract/spans/type_tables.h"
#include "rewrite/edits.h"

namespace ringfence {

struct HeapType {
  const TypeShape *shape = nullptr;
  std::vector<TypeField> fields; // of the table, and what code sets before PyType_Ready
  std::string pointer; // the variable that holds the type: of its name, or one that a macro of its name stands for
  Span header;         // the declaration that becomes that macro; no file: only its own file uses it
  std::string note;
  std::string module;            // that its file is of; empty: of none, or of several
  std::string base;              // as written: "&PyDict_Type"; empty: object
  std::string base_name;         // of the variable whose address it is; may be empty
  std::string dealloc, traverse; // functions
  std::string module_giver;   // the type of the file that gives its instances a `__module__` of their own; may be empty
  bool instantiable = false;  // has a constructor, its own or its base's
  std::set<std::string> exec; // functions whose first parameter is the module
};

std::string spec_name(const HeapType &type);

// What the type has in the member; NULL: nothing.
const TypeField *field_of(const HeapType &type, std::string_view member);

// Whether a dealloc ends with the call that frees, and does so nowhere else: the type is given up behind it.
bool frees_last(const SlotFunction &function, const std::string &content);

// Fills the type in. Why it cannot move; empty where it can. `exec`: functions whose first parameter is a module.
std::string prepare(const UnitTypes &unit, const std::set<std::string> &exec, HeapType &type);

// Why it cannot move beside the others that do: its base is made after it, or stays; empty where it can.
std::string order_obstacle(const UnitTypes &unit, const HeapType &type, const std::vector<HeapType> &moving);

// Of the header that declares it: other files take its address and read it as they did.
Edit header_edit(const HeapType &type);

std::vector<Edit> heap_type_edits(const UnitTypes &unit, const std::vector<HeapType> &types, const std::string &helper,
                                  const std::string &content);

} // namespace ringfence
