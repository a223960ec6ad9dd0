// How far a shared parse (shared/shared_parse.h) has come: there a unit's text is not the main file but included by
// synthetic files.
#pragma once

#include <functional>
#include <string>

namespace clang {
class CompilerInstance;
} // namespace clang

namespace ringfence {

class FileTable;

struct SharedParseState {
  std::string synthetic_prefix; // what the names of synthetic files, without folders, begin with: no files of the tree
  std::string file;             // path of the unit's text; empty as long as the parse is that of several units
  std::string text;             // as it is on the disk, once it was read
  bool reached_own_text = false;
  bool same_as_plain = true; // false where a plain parse could give other facts
  // Called when the parse begins; both live as long as it.
  std::function<void(clang::CompilerInstance &, FileTable &)> on_begin;
};

} // namespace ringfence
