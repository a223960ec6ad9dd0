#include "source/normalise.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "base/path.h"
#include "base/text.h"
#include "source/options.h"

namespace ringfence {
namespace {

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

// Macros by which GCC tells code that it is watched.
constexpr std::pair<std::string_view, std::string_view> sanitizer_macros[] = {
    {"address", "-D__SANITIZE_ADDRESS__=1"},
    {"thread", "-D__SANITIZE_THREAD__=1"},
    {"hwaddress", "-D__SANITIZE_HWADDRESS__=1"},
};

// What GCC's option switches on with it, and Clang's does not.
constexpr std::pair<std::string_view, std::string_view> implied_by_gcc[] = {
    {"-fopenmp", "-pthread"},
    {"-mamx-tile", "-mxsave"},
};

// Reads words as the driver does; what they pass on is read after them, as the preprocessor does.
class OptionReader {
public:
  OptionReader(CommandLine &command, bool gcc) : command_(command), gcc_(gcc) {}

  void read() {
    const std::vector<std::string> &words = command_.words;
    std::size_t i = command_.first;
    for (; i < words.size() && !only_inputs_; ++i)
      i += word(words, i);
    for (; i < words.size(); ++i)
      add_input(words, i);
    for_preprocessor_ = true;
    const std::vector<std::string> passed = std::move(passed_);
    for (i = 0; i < passed.size(); ++i)
      i += word(passed, i);
    finish();
  }

private:
  // Returns how many further words belong to the option.
  std::size_t word(const std::vector<std::string> &words, std::size_t i) {
    const std::string &text = words[i];
    if (text == "--") {
      only_inputs_ = true;
      return 0;
    }
    if (text.size() > 1 && text.front() == '@') { // a response file that was left out
      not_followed(text);
      return 0;
    }
    if (text.size() < 2 || text.front() != '-') {
      add_input(words, i);
      return 0;
    }
    if (text.starts_with("-Wp,") && !for_preprocessor_) {
      for (const std::string_view part : split(std::string_view(text).substr(4), ','))
        passed_.emplace_back(part);
      return 0;
    }
    Option option = find_option(text);
    if (for_preprocessor_ && (text == "-MD" || text == "-MMD"))
      option.operand = Operand::separate;
    const bool next_word =
        option.operand == Operand::separate || (option.operand == Operand::either && text.size() == option.name.size());
    std::string value;
    if (next_word) {
      if (i + 1 == words.size())
        return 0; // an option without its operand
      value = words[i + 1];
    } else {
      value = text.substr(option.name.size());
    }
    apply(option, next_word ? text + " " + value : text, value);
    return next_word ? 1 : 0;
  }

  void apply(const Option &option, const std::string &text, const std::string &value) {
    switch (option.effect) {
    case Effect::keep:
      keep(option, text, value);
      break;
    case Effect::language:
      if (!for_preprocessor_)
        forced_ = value == "none" ? "" : value;
      break;
    case Effect::standard:
      command_.standards.push_back(text.ends_with("-ansi") ? "ansi" : value);
      break;
    case Effect::preprocess:
      command_.preprocess_only = command_.preprocess_only || !for_preprocessor_;
      break;
    case Effect::refuse:
      command_.refused.push_back(text);
      break;
    case Effect::unread:
      not_followed(text);
      break;
    case Effect::sanitize:
      sanitize(text, value);
      break;
    case Effect::prefix:
      if (gcc_)
        prefixes_.insert(prefixes_.end(), {"-isystem", value + (value.ends_with('/') ? "include" : "/include")});
      break;
    case Effect::pass:
      passed_.push_back(value);
      break;
    case Effect::drop:
      break;
    }
  }

  void keep(const Option &option, const std::string &text, const std::string &value) {
    const std::string name(option.as.empty() ? option.name : option.as);
    const bool search_path = name == "-I" || name.starts_with("-i");
    if (search_path && is_compilers_own(value))
      return;
    if (name == "-iprefix")
      has_prefix_ = true;
    if (name.starts_with("-iwithprefix") && !has_prefix_) // GCC's own folder
      return not_followed(text);
    if (name == "-isysroot" && gcc_) // of headers: wins over --sysroot
      sysroot_ = "--sysroot=" + value;
    else if (name == "-O")
      command_.kept.push_back(optimisation(value));
    else if (option.operand == Operand::none)
      command_.kept.push_back(name);
    else if (!value.empty() && (name.size() == 2 || name.ends_with('=')))
      command_.kept.push_back(name + value);
    else if (!value.empty())
      command_.kept.insert(command_.kept.end(), {name, value});
    for (const auto &[option_name, implied] : implied_by_gcc)
      if (gcc_ && name == option_name)
        command_.kept.emplace_back(implied);
  }

  void not_followed(const std::string &text) {
    if (named_.insert(text).second)
      command_.unread.push_back(text);
  }

  void finish() {
    command_.kept.insert(command_.kept.begin(), prefixes_.begin(), prefixes_.end());
    if (!sysroot_.empty())
      command_.kept.push_back(sysroot_);
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

  // Clang's code asks __has_feature.
  void sanitize(const std::string &text, const std::string &value) {
    for (const std::string_view part : split(value, ','))
      for (const auto &[name, macro] : sanitizer_macros)
        if (part == name && gcc_)
          command_.kept.emplace_back(macro);
        else if (part == name)
          not_followed(text);
  }

  void add_input(const std::vector<std::string> &words, std::size_t i) {
    if (!for_preprocessor_)
      command_.inputs.push_back({words[i], forced_, i});
  }

  CommandLine &command_;
  const bool gcc_;
  std::string forced_;
  std::string sysroot_;
  std::set<std::string> named_;       // of CommandLine::unread
  std::vector<std::string> prefixes_; // arguments for -B
  std::vector<std::string> passed_;   // words for the preprocessor
  bool for_preprocessor_ = false;     // they are being read
  bool has_prefix_ = false;           // -iprefix was seen
  bool only_inputs_ = false;
};

} // namespace

bool is_compiler_name(std::string_view path) { return is_one_of(compilers, compiler_kind(path)); }

bool is_launcher_name(std::string_view path) { return is_one_of(launchers, file_name(path)); }

CommandLine read_command_line(std::vector<std::string> words) {
  CommandLine command;
  command.words = std::move(words);
  if (command.words.empty())
    return command;
  const std::size_t compiler = find_compiler(command.words);
  command.first = compiler + 1;
  const std::string_view kind = compiler_kind(command.words[compiler]);
  command.cxx_driver = kind.ends_with("++") || kind == "icpx";
  OptionReader(command, !kind.starts_with("clang") && !kind.starts_with("icp") && kind != "icx").read();
  return command;
}

std::optional<Language> source_language(std::string_view path) {
  const std::string_view extension = file_extension(path);
  if (is_one_of(c_extensions, extension))
    return Language::c;
  if (is_one_of(cxx_extensions, extension))
    return Language::cxx;
  return std::nullopt;
}

bool is_header(std::string_view path) { return is_one_of(header_extensions, file_extension(path)); }

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
  for (const std::string &option : command.unread)
    arguments.push_back(std::string(unread_option) + option);
  return arguments;
}

} // namespace ringfence
