#include "source/normalise.h"

#include <algorithm>
#include <cctype>

#include "base/path.h"
#include "base/text.h"
#include "source/options.h"

namespace ringfence {
namespace {

template <std::size_t N> bool contains(const std::string_view (&list)[N], std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

constexpr std::string_view c_extensions[] = {".c", ".i"};
constexpr std::string_view cxx_extensions[] = {".cc", ".cp", ".cpp", ".cxx", ".c++",
                                               ".C",  ".CC", ".CPP", ".CXX", ".ii"};
constexpr std::string_view header_extensions[] = {".h",   ".hh",  ".hp",  ".hpp", ".hxx", ".h++", ".H",
                                                  ".inc", ".inl", ".ipp", ".tcc", ".def", ".tpp"};
// Programs that run the compiler named after them.
constexpr std::string_view launchers[] = {"ccache", "distcc", "sccache", "icecc"};
constexpr std::string_view compilers[] = {"cc", "c++", "gcc", "g++", "clang", "clang++", "icx", "icpx"};

// "x86_64-linux-gnu-g++-12" to "g++".
std::string_view compiler_kind(std::string_view path) {
  std::string_view name = file_name(path);
  while (!name.empty() &&
         (std::isdigit(static_cast<unsigned char>(name.back())) || name.back() == '.' || name.back() == '-'))
    name.remove_suffix(1);
  return name.substr(name.rfind('-') + 1);
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 &&
         std::all_of(word.begin(), word.begin() + equals, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// Index of the compiler in the words: after assignments, launchers and their options.
std::size_t find_compiler(const std::vector<std::string> &words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (is_compiler_name(words[i]))
      return i;
    const bool before_compiler = is_assignment(words[i]) || is_launcher_name(words[i]) ||
                                 (i > 0 && words[i].starts_with('-') && is_launcher_name(words[i - 1]));
    if (!before_compiler)
      return i; // a compiler of another name
  }
  return 0;
}

// GCC's own headers hide those that Clang brings along.
bool is_compilers_own(std::string_view directory) {
  return directory.find("/lib/gcc/") != std::string_view::npos ||
         directory.find("/lib/clang/") != std::string_view::npos;
}

class Reader {
public:
  explicit Reader(CommandLine &command) : command_(command) {}

  void read() {
    std::size_t i = command_.first;
    for (; i < command_.words.size() && !only_inputs_; ++i)
      i += word(i);
    for (; i < command_.words.size(); ++i)
      add_input(i);
  }

private:
  // Returns how many further words belong to the option.
  std::size_t word(std::size_t i) {
    const std::string &text = command_.words[i];
    if (text == "--") {
      only_inputs_ = true;
      return 0;
    }
    if (text.size() < 2 || text.front() != '-') {
      add_input(i);
      return 0;
    }
    if (text.starts_with("-Wp,")) {
      preprocessor_words(text);
      return 0;
    }
    const Option option = find_option(text);
    const bool next_word =
        option.operand == Operand::separate || (option.operand == Operand::either && text.size() == option.name.size());
    std::string value;
    if (next_word) {
      if (i + 1 == command_.words.size())
        return 0; // an option without its operand
      value = command_.words[i + 1];
    } else {
      value = text.substr(option.name.size());
    }
    apply(option, text, value);
    return next_word ? 1 : 0;
  }

  void apply(const Option &option, const std::string &text, const std::string &value) {
    switch (option.effect) {
    case Effect::keep:
      keep(option, text, value);
      break;
    case Effect::language:
      forced_ = value == "none" ? "" : value;
      break;
    case Effect::standard:
      command_.standards.push_back(text == "-ansi" ? "ansi" : value);
      break;
    case Effect::preprocess:
      command_.preprocess_only = true;
      break;
    case Effect::refuse:
      command_.refused.push_back(option.operand == Operand::separate ? text + " " + value : text);
      break;
    case Effect::drop:
      break;
    }
  }

  void keep(const Option &option, const std::string &text, const std::string &value) {
    const bool search_path = option.name == "-I" || option.name.starts_with("-i");
    if (search_path && is_compilers_own(value))
      return;
    switch (option.operand) {
    case Operand::none:
      command_.kept.push_back(text);
      break;
    case Operand::joined:
      command_.kept.push_back(option.name == "-O" ? optimisation(value) : text);
      break;
    case Operand::separate:
    case Operand::either:
      if (value.empty())
        break;
      if (option.name.size() == 2) {
        command_.kept.push_back(std::string(option.name) + value);
      } else {
        command_.kept.emplace_back(option.name);
        command_.kept.push_back(value);
      }
      break;
    }
  }

  // GCC takes any number; Clang's highest is 3.
  static std::string optimisation(const std::string &level) {
    const bool number =
        !level.empty() && std::all_of(level.begin(), level.end(), [](unsigned char c) { return std::isdigit(c); });
    if (number && (level.size() > 1 || level > "3"))
      return "-O3";
    const bool known = number || level.empty() || level == "s" || level == "z" || level == "g" || level == "fast";
    return known ? "-O" + level : "-O";
  }

  // -Wp,-DNAME,-MD,FILE: macros are kept, the rest writes dependency files.
  void preprocessor_words(std::string_view text) {
    for (const std::string_view part : split(text.substr(4), ','))
      if (part.size() > 2 && (part.starts_with("-D") || part.starts_with("-U")))
        command_.kept.emplace_back(part);
  }

  void add_input(std::size_t i) { command_.inputs.push_back({command_.words[i], forced_, i}); }

  CommandLine &command_;
  std::string forced_;
  bool only_inputs_ = false;
};

} // namespace

bool is_compiler_name(std::string_view path) { return contains(compilers, compiler_kind(path)); }

bool is_launcher_name(std::string_view path) { return contains(launchers, file_name(path)); }

CommandLine read_command_line(std::vector<std::string> words) {
  CommandLine command;
  command.words = std::move(words);
  if (command.words.empty())
    return command;
  const std::size_t compiler = find_compiler(command.words);
  command.first = compiler + 1;
  const std::string_view kind = compiler_kind(command.words[compiler]);
  command.cxx_driver = kind.ends_with("++") || kind == "icpx";
  Reader(command).read();
  return command;
}

std::optional<Language> source_language(std::string_view path) {
  const std::string_view extension = file_extension(path);
  if (contains(c_extensions, extension))
    return Language::c;
  if (contains(cxx_extensions, extension))
    return Language::cxx;
  return std::nullopt;
}

bool is_header(std::string_view path) { return contains(header_extensions, file_extension(path)); }

std::optional<Language> language_of(const Input &input, bool cxx_driver) {
  if (input.forced == "c" || input.forced == "cpp-output")
    return Language::c;
  if (input.forced == "c++" || input.forced == "c++-cpp-output")
    return Language::cxx;
  if (!input.forced.empty())
    return std::nullopt;
  const auto language = source_language(input.path);
  return language && cxx_driver ? Language::cxx : language;
}

std::vector<std::string> normalised_arguments(const CommandLine &command, const Input &input, Language language) {
  const std::string_view extension = file_extension(input.path);
  const bool preprocessed =
      input.forced.ends_with("cpp-output") || (input.forced.empty() && (extension == ".i" || extension == ".ii"));
  std::vector<std::string> arguments = {"-x"};
  if (preprocessed)
    arguments.push_back(language == Language::c ? "cpp-output" : "c++-cpp-output");
  else
    arguments.push_back(language == Language::c ? "c" : "c++");
  for (auto standard = command.standards.rbegin(); standard != command.standards.rend(); ++standard) {
    if (*standard != "ansi" && !knows_standard(*standard, language))
      continue;
    arguments.push_back(*standard == "ansi" ? "-ansi" : "-std=" + *standard);
    break;
  }
  arguments.insert(arguments.end(), command.kept.begin(), command.kept.end());
  return arguments;
}

} // namespace ringfence
