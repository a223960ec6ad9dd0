// A unit whose text is not the main file of its parse but included by pieces (shared_parse.h).
#pragma once

#include <functional>
#include <string>

namespace clang {
class CompilerInstance;
} // namespace clang

namespace ringfence {

class FileTable;

struct SharedUnit {
  std::string pieces;   // what the names of pieces, without folders, begin with: no files of the tree
  std::string file;     // path of the unit's text; empty as long as the parse is that of several units
  std::string text;     // as it is on the disk, once it was read
  bool entered = false; // its text
  bool fits = true;     // false where a plain parse could give other facts
  // Called when the parse begins; both live as long as it.
  std::function<void(clang::CompilerInstance &, FileTable &)> on_begin;
};

} // namespace ringfence
