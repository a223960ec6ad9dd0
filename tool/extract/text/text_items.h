// A file's text as items that stand side by side at file scope, macros among them: what each brings, what it mentions,
// and whether its text stands in branches that another world changes. By tokens alone, in all branches at once.
//
// Limits: names that a macro pastes together are not seen.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ringfence {

// What another world makes of a branch.
enum class Turn { stays, opens, closes };

struct TextItem {
  std::vector<std::string> names;    // that it brings
  std::vector<std::string> mentions; // identifiers in it; sorted
  bool idle = false;                 // means something only where it is mentioned: a macro, a static function without
                                     // objects of its own, a prototype
  bool changed = false;              // some of it stands in a branch that opens or closes
  unsigned first_line = 0, last_line = 0;
};

struct TextItems {
  std::vector<TextItem> items;
  bool understood = true; // else branches of one condition open different numbers of braces, and nothing is known
};

// `turn`: of the condition behind #if, #elif or, as `X` and `!X`, behind #ifdef and #ifndef. In C++ nothing is idle.
TextItems text_items(const std::string &text, bool cplusplus, const std::function<Turn(std::string_view)> &turn);

} // namespace ringfence
