// Types whose instances have a `__module__` of their own. A heap type keeps a string of that name in its dictionary, where
// a descriptor of instances would hide it: what answers moves from the table of attributes to the type's tp_getattro and
// tp_setattro.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "extract/spans/type_tables.h"
#include "rewrite/edits.h"
#include "rewrite/heap_type_text.h"

namespace ringfence {

// What gives the type's instances a `__module__`; NULL: nothing of its own.
const Attribute *module_attribute(const UnitTypes &unit, const HeapType &type);

// Why no function of the type can answer; empty where it can.
std::string own_module_obstacle(const UnitTypes &unit, const HeapType &type);

// The texts, for the types of a file that move.
class OwnModules {
public:
  OwnModules(const UnitTypes &unit, const std::vector<HeapType> &types, const std::string &content)
      : unit_(unit), types_(types), content_(content) {}

  // Takes the attributes from their tables.
  std::vector<Edit> removals() const;
  // Whether the type has a function of ours in "tp_getattro" or "tp_setattro".
  bool answers(const HeapType &type, std::string_view slot) const;
  std::string function(const HeapType &type, std::string_view slot) const; // its name
  std::string before_spec(const HeapType &type) const;
  std::string behind_spec(const HeapType &type) const; // of the last of the types that the functions name

private:
  const HeapType *find(const std::string &name) const;
  bool gives(const HeapType &type) const { return type.module_giver == type.shape->name; }
  std::string otherwise(const HeapType &type, std::string_view slot) const;
  std::string finder(const HeapType &giver) const;
  std::string getter(const HeapType &type, const HeapType &giver) const;
  std::string setter(const HeapType &type, const HeapType &giver) const;

  const UnitTypes &unit_;
  const std::vector<HeapType> &types_;
  const std::string &content_;
};

} // namespace ringfence
