#include "rewrite/build_files.h"

#include <algorithm>
#include <optional>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

struct Item {
  std::size_t begin = 0, end = 0; // of the expression in its list, from the first quote
  char quote = '\'';
};

// The list that an offset stands in: from `[` or `(` to its end; nullopt where it stands in none.
std::optional<std::size_t> list_begin(const std::string &text, std::size_t at) {
  int depth = 0;
  while (at-- > 0) {
    depth += text[at] == ']' || text[at] == ')';
    if (text[at] == '[' || text[at] == '(')
      if (depth-- == 0)
        return at;
  }
  return std::nullopt;
}

// Behind the calls around a path, up to the comma or the end of the list.
std::size_t behind_calls(const std::string &text, std::size_t at) {
  for (;;) {
    const std::size_t next = text.find_first_not_of(" \t\n", at);
    if (next == std::string::npos || text[next] != ')')
      return at;
    at = next + 1;
  }
}

std::vector<Item> quoted_paths(const std::string &text, const std::string &path) {
  std::vector<Item> items;
  for (const char quote : {'\'', '"'}) {
    const std::string word = quote + path + quote;
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
      items.push_back({at, at + word.size(), quote});
  }
  return items;
}

// os.path.join('src', 'spam.c') as "'src','spam.c'".
std::vector<Item> joined_paths(const std::string &text, const std::string &path) {
  constexpr std::string_view call = "os.path.join(";
  std::vector<Item> items;
  for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
    const std::size_t first = at + call.size(), close = text.find(')', first);
    if (close == std::string::npos)
      break;
    std::string arguments = text.substr(first, close - first), joined;
    char quote = '\'';
    for (const std::string_view part : split(arguments, ',')) {
      const std::string_view word = trim(part);
      if (word.size() < 2 || (word.front() != '\'' && word.front() != '"') || word.back() != word.front())
        break;
      quote = word.front();
      joined += (joined.empty() ? "" : "/") + std::string(word.substr(1, word.size() - 2));
    }
    if (joined == path)
      items.push_back({at, behind_calls(text, close + 1), quote});
  }
  return items;
}

bool ends_an_item(const std::string &text, std::size_t at) {
  const std::size_t next = text.find_first_not_of(" \t\n", at);
  return next != std::string::npos && (text[next] == ',' || text[next] == ']');
}

std::optional<std::string> in_lists(std::string text, const std::string &source, const std::string &added) {
  bool found = false;
  std::vector<Item> items = quoted_paths(text, source);
  std::ranges::move(joined_paths(text, source), std::back_inserter(items));
  std::ranges::sort(items, std::greater(), &Item::begin);
  for (const Item &item : items) {
    const auto open = list_begin(text, item.begin);
    const std::size_t close = text.find(']', item.end);
    if (!open || close == std::string::npos || !ends_an_item(text, item.end))
      continue;
    found = true;
    if (text.substr(*open, close - *open).find(added) == std::string::npos)
      text.insert(item.end, std::string(", ") + item.quote + added + item.quote);
  }
  return found ? std::optional(std::move(text)) : std::nullopt;
}

// Words between white space and parentheses.
std::optional<std::string> in_words(std::string text, const std::string &source, const std::string &added) {
  constexpr std::string_view ends = " \t\n()";
  bool found = false;
  for (std::size_t at = text.rfind(source); at != std::string::npos && at > 0; at = text.rfind(source, at - 1)) {
    const std::size_t end = at + source.size(), close = text.find(')', end);
    const auto open = list_begin(text, at);
    if (!open || close == std::string::npos || ends.find(text[at - 1]) == std::string_view::npos ||
        ends.find(text[end]) == std::string_view::npos)
      continue;
    found = true;
    if (text.substr(*open, close - *open).find(added) == std::string::npos)
      text.insert(end, " " + added);
  }
  return found ? std::optional(std::move(text)) : std::nullopt;
}

} // namespace

const std::vector<std::string> &build_file_names() {
  static const std::vector<std::string> names = {"setup.py", "pyproject.toml", "meson.build", "CMakeLists.txt"};
  return names;
}

std::optional<std::string> with_source(const std::string &build_file, const std::string &text,
                                       const std::string &source, const std::string &added) {
  return file_name(build_file) == "CMakeLists.txt" ? in_words(text, source, added) : in_lists(text, source, added);
}

} // namespace ringfence
