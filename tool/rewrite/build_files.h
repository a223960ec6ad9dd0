// The runtime library's source beside a migrated one in the lists of build files.
#pragma once

#include <string>
#include <vector>

namespace ringfence {

// What a build file says of a source, and its text with another one beside it.
struct BuildListing {
  // unclear: it names the source, but in no form that is known. listed: its text has both, or a pattern takes both.
  enum class Form { none, unclear, listed };
  Form form = Form::none;
  std::string text;
  std::string place; // of what is unclear: "12: make('spam.c')"
};

// `source` and `added` are relative to the build file's folder. Known forms, of the path or of an expression that ends with
// it: an element of a list or tuple, or a variable there; what is appended to one; a string that is split into words;
// arguments of Meson's targets; arguments of CMake's commands; patterns of files.
BuildListing with_source(const std::string &build_file, const std::string &text, const std::string &source,
                         const std::string &added);

// Names of the files that it knows.
const std::vector<std::string> &build_file_names();

} // namespace ringfence
