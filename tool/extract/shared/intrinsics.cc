#include "extract/shared/intrinsics.h"

#include <algorithm>
#include <unordered_set>

#include <clang/Lex/Lexer.h>

#include "base/file_system.h"
#include "extract/parse/invocation.h"

namespace ringfence {
namespace {

using Names = std::unordered_set<std::string_view>;

constexpr std::string_view function_begin = "\nstatic __inline", function_end = "\n}";

// `use` gets each token, as part of the text.
template <class Use> void for_each_token(std::string_view text, const Use &use) {
  const std::string terminated(text); // the lexer stops at a null character alone
  clang::LangOptions language;
  language.LineComment = true;
  const char *begin = terminated.data(), *end = begin + terminated.size();
  clang::Lexer lexer({}, language, begin, begin, end);
  clang::Token token;
  for (lexer.LexFromRawLexer(token); token.isNot(clang::tok::eof); lexer.LexFromRawLexer(token))
    use(text.substr(lexer.getCurrentBufferOffset() - token.getLength(), token.getLength()));
}

struct InlineFunction {
  const std::string *path;
  std::size_t begin, end; // without the line break before
  std::string_view name, text;
};

// The name before the parameters of a definition; empty where the text is something else or more than that.
std::string_view name_of_definition(std::string_view text) {
  std::string_view name, last;
  int parentheses = 0, braces = 0, bodies = 0;
  bool plain = true;
  for_each_token(text, [&](std::string_view token) {
    if (token == "(" && parentheses++ == 0 && bodies == 0)
      name = last;
    parentheses -= token == ")";
    bodies += token == "{" && braces++ == 0;
    braces -= token == "}";
    plain =
        plain && token.front() != '#' && token.front() != '"' && token.front() != '\'' && (token != ";" || braces > 0);
    last = token;
  });
  return plain && bodies == 1 && braces == 0 && parentheses == 0 ? name : std::string_view();
}

std::vector<InlineFunction> functions_in(const std::string &path, std::string_view text) {
  std::vector<InlineFunction> functions;
  for (std::size_t at = text.find(function_begin); at != text.npos; at = text.find(function_begin, at + 1)) {
    const std::size_t close = text.find(function_end, at);
    if (close == text.npos)
      break;
    const std::size_t end = close + function_end.size();
    const std::string_view definition = text.substr(at + 1, end - at - 1);
    if (const std::string_view name = name_of_definition(definition); !name.empty())
      functions.push_back({&path, at + 1, end, name, definition});
  }
  return functions;
}

void add_names(std::string_view text, Names &names) {
  for_each_token(text, [&](std::string_view token) { names.insert(token); });
}

// Of what stands beside the functions.
void add_names_beside(std::string_view text, const std::vector<InlineFunction> &functions, Names &names) {
  std::size_t at = 0;
  for (const InlineFunction &function : functions) {
    add_names(text.substr(at, function.begin - at), names);
    at = function.end;
  }
  add_names(text.substr(at), names);
}

} // namespace

Intrinsics blank_unused_intrinsics(const std::map<std::string, std::string> &texts) {
  std::vector<InlineFunction> unnamed;
  Names names;
  Intrinsics headers;
  for (const auto &[path, text] : texts) {
    const std::vector<InlineFunction> functions = functions_in(path, text);
    add_names_beside(text, functions, names);
    unnamed.insert(unnamed.end(), functions.begin(), functions.end());
    headers[path].text = text;
  }
  // A function that stays names others.
  for (bool changed = true; changed;) {
    const auto stays = std::stable_partition(unnamed.begin(), unnamed.end(),
                                             [&](const InlineFunction &f) { return !names.contains(f.name); });
    changed = stays != unnamed.end();
    std::for_each(stays, unnamed.end(), [&](const InlineFunction &function) { add_names(function.text, names); });
    unnamed.erase(stays, unnamed.end());
  }
  for (const InlineFunction &function : unnamed) {
    IntrinsicsHeader &header = headers[*function.path];
    header.names.emplace_back(function.name);
    std::replace_if(
        header.text.begin() + static_cast<std::ptrdiff_t>(function.begin),
        header.text.begin() + static_cast<std::ptrdiff_t>(function.end), [](char c) { return c != '\n'; }, ' ');
  }
  return headers;
}

Intrinsics read_intrinsics() {
  const DiskFileSystem files;
  const std::string folder = resource_directory() + "/include"; // as Clang names it
  std::map<std::string, std::string> texts;
  if (const auto entries = files.list(folder))
    for (const DirectoryEntry &entry : *entries)
      if (entry.name.ends_with("intrin.h"))
        if (Result<std::string> text = files.read(folder + "/" + entry.name))
          texts[folder + "/" + entry.name] = std::move(*text);
  return blank_unused_intrinsics(texts);
}

} // namespace ringfence
