#include "source/build_macros.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

// Parts of names, and of paths of build files, that say: not on Linux.
constexpr std::string_view of_other_systems[] = {"WIN",    "MSVC", "MSC",     "MINGW", "CYGWIN",     "APPLE",
                                                 "DARWIN", "MAC",  "OSX",     "BSD",   "SOLARIS",    "SUNOS",
                                                 "AIX",    "HPUX", "ANDROID", "IOS",   "EMSCRIPTEN", "WASM"};
// What decides which Python is meant, and what is meant for one build alone.
constexpr std::string_view of_worlds[] = {"Py_", "PY_", "__", "NDEBUG", "DEBUG"};
constexpr std::size_t longest_file = 1 << 18, longest_string = 200;
constexpr std::string_view of_configure[] = {"HAVE_", "WITH_", "USE_", "ENABLE_"};

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

bool is_for_linux(std::string_view name) {
  for (const std::string_view part : split(name, '_'))
    for (const std::string_view system : of_other_systems)
      if (part.starts_with(system))
        return false;
  return true;
}

// Reads one build file.
class MacroReader {
public:
  MacroReader(std::string_view text, BuildMacros &macros) : text_(text), macros_(macros) {}

  // The calls of setuptools, as far as they are written out: define_macros=[("A", "1"), ("B", None)].
  void python() {
    constexpr std::string_view key = "define_macros";
    for (std::size_t at = text_.find('('); at != std::string_view::npos; at = text_.find('(', at + 1))
      if (const auto macro = pair_at(at))
        add(*macro, false);
    for (std::size_t at = text_.find(key); at != std::string_view::npos; at = text_.find(key, at + 1)) {
      std::size_t begin = skip_space(at + key.size());
      if (begin >= text_.size() || text_[begin] != '=' || text_[begin = skip_space(begin + 1)] != '[')
        continue;
      const std::string_view list = text_.substr(begin, text_.find(']', begin) - begin);
      const bool call = begin > 0 && is_argument(at);
      for (std::size_t i = 0; i < list.size(); ++i)
        if (const auto macro = list[i] == '(' ? pair_at(begin + i) : std::nullopt)
          add(*macro, call && !contains(list, " if "));
    }
  }

  // '-DNAME=VALUE' in a string.
  void meson() {
    for (const std::string_view option : {"'-D", "\"-D"})
      for (std::size_t at = text_.find(option); at != std::string_view::npos; at = text_.find(option, at + 1)) {
        const std::string_view word = text_.substr(at + 3, text_.find(option.front(), at + 3) - at - 3);
        add(word, depth_at(at, {"if", "foreach"}, {"endif", "endforeach"}) == 0);
      }
  }

  // add_definitions(-DNAME=VALUE), target_compile_definitions(target PRIVATE NAME=VALUE).
  void cmake() {
    for (const std::string_view command : {"add_definitions", "add_compile_definitions", "target_compile_definitions"})
      for (std::size_t at = text_.find(command); at != std::string_view::npos; at = text_.find(command, at + 1)) {
        const std::size_t open = skip_space(at + command.size());
        if (open >= text_.size() || text_[open] != '(')
          continue;
        const bool plain = depth_at(at, {"if", "foreach", "function", "macro"},
                                    {"endif", "endforeach", "endfunction", "endmacro"}) == 0;
        std::string_view words = text_.substr(open + 1, text_.find(')', open) - open - 1);
        words = trim(words);
        if (command == "target_compile_definitions") // the target's name
          words.remove_prefix(std::min(words.find_first_of(" \t\r\n"), words.size()));
        while (!(words = trim(words)).empty()) {
          const std::size_t end = std::min(words.find_first_of(" \t\r\n"), words.size());
          std::string_view word = words.substr(0, end);
          words.remove_prefix(end);
          const bool keyword = is_any(word, {"PRIVATE", "PUBLIC", "INTERFACE"});
          if (word.starts_with("-D"))
            word.remove_prefix(2);
          else if (keyword || command == "add_definitions")
            continue;
          add(word, plain);
        }
      }
  }

  // Names that a configure step may define.
  void configure() {
    for (std::size_t at = 0; at < text_.size();) {
      if (!is_word(text_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text_.size() && is_word(text_[end]))
        ++end;
      const std::string_view word = text_.substr(at, end - at);
      if (std::any_of(std::begin(of_configure), std::end(of_configure),
                      [&](std::string_view prefix) { return word.starts_with(prefix) && word != prefix; }))
        add(word, false);
      at = end;
    }
  }

  // target_compile_features(t PRIVATE cxx_std_20), set(CMAKE_CXX_STANDARD 20), 'cpp_std=c++20', "-std=c++20",
  // Pybind11Extension(..., cxx_std=20).
  void standard() {
    for (const std::string_view key : {"cxx_std_", "CXX_STANDARD", "cpp_std=", "-std=", "cxx_std"})
      for (std::size_t at = text_.find(key); at != std::string_view::npos; at = text_.find(key, at + 1))
        macros_.cxx_standard = std::max(macros_.cxx_standard, standard_at(at + key.size(), key == "-std="));
  }

private:
  // The number behind blanks, a sign of equality and "c++" or "gnu++"; 0 where there is none.
  int standard_at(std::size_t at, bool needs_language) const {
    at = skip_space(at);
    if (at < text_.size() && text_[at] == '=')
      at = skip_space(at + 1);
    const bool named = text_.substr(at).starts_with("c++") || text_.substr(at).starts_with("gnu++");
    if (named)
      at = text_.find('+', at) + 2;
    const std::string_view digits = text_.substr(std::min(at, text_.size()), 2);
    constexpr std::pair<std::string_view, int> known[] = {{"11", 11}, {"14", 14}, {"1z", 17}, {"17", 17}, {"2a", 20},
                                                          {"20", 20}, {"2b", 23}, {"23", 23}, {"2c", 26}, {"26", 26}};
    for (const auto &[word, year] : known)
      if (digits == word && (named || !needs_language) && (at + 2 >= text_.size() || !is_word(text_[at + 2])))
        return year;
    return 0;
  }

  std::size_t skip_space(std::size_t at) const {
    while (at < text_.size() && std::isspace(static_cast<unsigned char>(text_[at])))
      ++at;
    return at;
  }

  // Whether the keyword stands in parentheses: an argument of a call, not a variable that code below may change.
  bool is_argument(std::size_t at) const {
    int depth = 0;
    for (const char c : text_.substr(0, at))
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    return depth > 0;
  }

  // How many blocks are open there, by the first words of lines.
  int depth_at(std::size_t at, std::initializer_list<std::string_view> open,
               std::initializer_list<std::string_view> close) const {
    int depth = 0;
    for (std::string_view line : split(text_.substr(0, at), '\n')) {
      line = trim(line);
      const std::string_view word = line.substr(0, std::min(line.find_first_of(" (\t"), line.size()));
      depth += is_any(word, open) ? 1 : is_any(word, close) ? -1 : 0;
    }
    return depth;
  }

  // `"NAME", "VALUE"` or `"NAME", None` behind the parenthesis, as NAME=VALUE.
  std::optional<std::string> pair_at(std::size_t parenthesis) const {
    std::size_t at = skip_space(parenthesis + 1);
    const auto name = string_at(at);
    if (!name || (at = skip_space(at)) >= text_.size() || text_[at] != ',')
      return std::nullopt;
    at = skip_space(at + 1);
    std::optional<std::string_view> value = string_at(at);
    if (!value && text_.substr(at, 4) == "None")
      value = "", at += 4;
    else if (!value && at < text_.size() && is_digit(text_[at])) {
      const std::size_t begin = at;
      while (at < text_.size() && is_word(text_[at]))
        ++at;
      value = text_.substr(begin, at - begin);
    }
    at = skip_space(at);
    if (!value || at >= text_.size() || text_[at] != ')')
      return std::nullopt;
    return std::string(*name) + (value->empty() ? "" : "=" + std::string(*value));
  }

  std::optional<std::string_view> string_at(std::size_t &at) const {
    if (at >= text_.size() || (text_[at] != '"' && text_[at] != '\''))
      return std::nullopt;
    const std::string_view rest = text_.substr(at + 1, longest_string);
    const std::size_t end = rest.find(text_[at]);
    if (end == std::string_view::npos)
      return std::nullopt;
    at += end + 2;
    return rest.substr(0, end);
  }

  // "NAME", "NAME=VALUE"; computed ones are left.
  void add(std::string_view macro, bool plain) {
    const std::size_t equals = std::min(macro.find('='), macro.size());
    const std::string_view name = macro.substr(0, equals);
    const std::string_view value = equals == macro.size() ? "1" : macro.substr(equals + 1);
    if (name.empty() || is_digit(name.front()) || !std::all_of(name.begin(), name.end(), is_word) ||
        !is_for_linux(name) ||
        std::any_of(std::begin(of_worlds), std::end(of_worlds),
                    [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
        value.find_first_of("$@{}\\\n") != std::string_view::npos)
      return;
    if (plain)
      macros_.defined.emplace(name, value);
    else
      macros_.possible.emplace(name);
  }

  std::string_view text_;
  BuildMacros &macros_;
};

// What tests and examples of a tree define is theirs.
bool is_of_the_library(const std::string &path) {
  const auto folders = split(path, '/');
  return std::none_of(folders.begin(), folders.end(), [](std::string_view folder) {
    return starts_with_any(folder, {"test", "example", "bench", "fuzz", "doc"});
  });
}

} // namespace

BuildMacros find_build_macros(const std::string &root, const std::vector<std::string> &builds,
                              const FileSystem &files) {
  BuildMacros macros;
  for (const std::string &path : builds) {
    if (!is_of_the_library(path))
      continue;
    const auto text = files.read(root + "/" + path);
    if (!text)
      continue;
    MacroReader reader(std::string_view(*text).substr(0, longest_file), macros);
    const std::string_view name = file_name(path);
    if (name == "setup.py")
      reader.python();
    else if (name == "meson.build")
      reader.meson();
    else if (name == "CMakeLists.txt" || name.ends_with(".cmake"))
      reader.cmake();
    if (is_any(name, {"setup.py", "pyproject.toml", "meson.build", "CMakeLists.txt"}))
      reader.standard();
    reader.configure();
  }
  for (const auto &[name, value] : macros.defined)
    macros.possible.erase(name);
  return macros;
}

} // namespace ringfence
