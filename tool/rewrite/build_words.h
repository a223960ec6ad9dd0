// A build file as words: of a script (Python, TOML, Meson) or of CMake. Comments are none.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace ringfence {

struct BuildWord {
  enum class Kind {
    name,
    string,
    open,
    close,
    comma,
    line_end,
    other
  }; // line_end: of a statement, outside of brackets
  Kind kind = Kind::other;
  std::size_t begin = 0, end = 0; // as spelled, quotes and prefix too
  std::string text;               // a string's content, escapes as spelled; all others as spelled
  std::size_t partner = 0;        // of a bracket: the index of the other one; its own where there is none
  std::size_t around = 0;         // 1 + the index of the bracket that opens around it; 0: none

  bool is(std::string_view word) const { return kind != Kind::string && text == word; }
};

std::vector<BuildWord> script_words(const std::string &text);
// An argument, quoted or not, is a string; the name of a command is a name.
std::vector<BuildWord> cmake_words(const std::string &text);

} // namespace ringfence
