// A compiler's command line in; what of it a reading analysis may use out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "source/compile_unit.h"

namespace ringfence {

// An operand of the command: a source file, an object, a library.
struct Input {
  std::string path;         // as written
  std::string forced;       // the value of the last -x before it; empty where none is in force
  std::size_t position = 0; // into CommandLine::words

  bool operator==(const Input &) const = default;
};

// Begins a word of CompileUnit::arguments that Clang does not get: the rest is an option of the command that changes what
// is read in a way that is not followed. A unit with one is not complete.
constexpr std::string_view unread_option = "--unread=";

struct CommandLine {
  std::vector<std::string> words; // the command, response files expanded, compiler and its launcher first
  std::size_t first = 0;          // of the first word after the compiler
  bool cxx_driver = false;        // g++, clang++: .c is C++ too
  bool preprocess_only = false;   // -E, -M
  std::vector<Input> inputs;
  std::vector<std::string> kept;      // allowed options in order, without -x and -std
  std::vector<std::string> standards; // values of -std, in order
  std::vector<std::string> refused;   // options that load code, run programs or write files
  std::vector<std::string> unread;    // options that change what is read in a way that is not followed
};

// "/usr/bin/x86_64-linux-gnu-g++-12", "clang-19": a compiler driver of C or C++ by its name.
bool is_compiler_name(std::string_view path);

// "ccache" and other programs that run the compiler named after them.
bool is_launcher_name(std::string_view path);

CommandLine read_command_line(std::vector<std::string> words);

// The language in which the command compiles the input; nullopt where it is neither C nor C++ (objects, assembler,
// ...).
std::optional<Language> language_of(const Input &input, bool cxx_driver);

// Extensions of C and C++ source files; nullopt for headers and everything else.
std::optional<Language> source_language(std::string_view path);

// Extensions of C and C++ headers and of fragments that are only included.
bool is_header(std::string_view path);

// Arguments for CompileUnit: "-x", the language, then what was kept. Standards of the other language, CPUs and
// options that only GCC knows are left out. What is not followed comes last (unread_option).
std::vector<std::string> normalised_arguments(const CommandLine &command, const Input &input, Language language);

} // namespace ringfence
