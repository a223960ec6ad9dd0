// What each compiler option means to an analysis that only reads: an allow list, so that an option which nobody thought
// of reaches neither Clang nor the disk. Spellings are those of GCC's and Clang's drivers.
#pragma once

#include <string_view>

#include "source/compile_unit.h"

namespace ringfence {

enum class Operand {
  none,     // -pthread
  joined,   // -std=c11: the rest of the word
  separate, // -Xclang ARG: the next word
  either,   // -Ipath or -I path
};

enum class Effect {
  keep,       // changes what the code says and can do nothing else
  drop,       // warnings, output, code generation: irrelevant to what the code says
  refuse,     // loads code, runs a program, writes or redirects files: dropped and noted
  unread,     // changes what is read in a way that is not followed: dropped, and the unit is not complete
  sanitize,   // -fsanitize=: GCC tells code of it by macros
  prefix,     // -B: a folder whose include/ GCC searches
  pass,       // -Xpreprocessor: a word for the preprocessor
  language,   // -x
  standard,   // -std=, -ansi
  preprocess, // -E, -M, -MM: the command compiles nothing
};

struct Option {
  std::string_view name;
  Operand operand = Operand::none;
  Effect effect = Effect::drop;
  std::string_view as = {}; // of what is kept, the spelling that Clang gets; empty: its own
};

// The option that `word` spells: the entry with the longest name; for a word that no entry knows, one that is dropped.
// Precondition: the word begins with '-'.
Option find_option(std::string_view word);

// Whether Clang accepts the value of -std= for the language.
bool knows_standard(std::string_view standard, Language language);

} // namespace ringfence
