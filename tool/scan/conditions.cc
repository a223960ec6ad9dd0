#include "scan/conditions.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "knowledge/api_names.h"

namespace ringfence {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// "a && (b || c)" as "a", "(b || c)".
std::vector<std::string_view> terms_of(std::string_view condition) {
  std::vector<std::string_view> terms;
  std::size_t begin = 0, depth = 0;
  for (std::size_t i = 0; i < condition.size(); ++i) {
    depth += condition[i] == '(';
    depth -= condition[i] == ')' && depth > 0;
    if (depth == 0 && condition.substr(i, 2) == "&&") {
      terms.push_back(trim(condition.substr(begin, i - begin)));
      begin = i + 2;
    }
  }
  terms.push_back(trim(condition.substr(begin)));
  return terms;
}

// Without parentheses around all of it.
std::string_view bare(std::string_view term) {
  while (term.size() > 1 && term.front() == '(' && term.find(')') == term.size() - 1)
    term = trim(term.substr(1, term.size() - 2));
  return term;
}

struct Meant {
  unsigned minor;
  bool gil;
};

std::optional<bool> compare(std::string_view operation, unsigned long left, unsigned long right) {
  if (operation == ">=")
    return left >= right;
  if (operation == ">")
    return left > right;
  if (operation == "<=")
    return left <= right;
  if (operation == "<")
    return left < right;
  if (operation == "==")
    return left == right;
  return operation == "!=" ? std::optional(left != right) : std::nullopt;
}

// The term's value for a Python; nothing where it is not understood.
std::optional<bool> value_of(std::string_view term, Meant python) {
  term = bare(term);
  if (term.starts_with('!')) {
    const auto value = value_of(trim(term.substr(1)), python);
    return value ? std::optional(!*value) : std::nullopt;
  }
  if (is_any(term, {"Py_GIL_DISABLED", "defined(Py_GIL_DISABLED)", "defined Py_GIL_DISABLED"}))
    return !python.gil;
  const std::size_t end = static_cast<std::size_t>(std::find_if_not(term.begin(), term.end(), is_word) - term.begin());
  const std::string_view name = term.substr(0, end), rest = trim(term.substr(end));
  const std::size_t operators = std::min(rest.find_first_not_of("<>=!"), rest.size());
  std::string_view number = bare(trim(rest.substr(operators)));
  const bool hexadecimal = number.starts_with("0x") || number.starts_with("0X");
  number.remove_prefix(hexadecimal ? 2 : 0);
  unsigned long wanted = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), wanted, hexadecimal ? 16 : 10);
  if (number.empty() || read.ec != std::errc() || read.ptr != number.data() + number.size())
    return std::nullopt;
  // A released version: bugfix 0, or any that a condition on a release of that version may ask for.
  if (name == "PY_VERSION_HEX")
    return compare(rest.substr(0, operators), 0x030000F0ul + (static_cast<unsigned long>(python.minor) << 16), wanted);
  if (name == "PY_MINOR_VERSION")
    return compare(rest.substr(0, operators), python.minor, wanted);
  return name == "PY_MAJOR_VERSION" ? compare(rest.substr(0, operators), 3, wanted) : std::nullopt;
}

bool speaks_of_worlds(std::string_view term) {
  return std::any_of(std::begin(version_words), std::end(version_words),
                     [&](std::string_view word) { return contains(term, word); });
}

} // namespace

bool opens(std::string_view condition, const World &world, std::optional<unsigned> build_minor) {
  bool changed = false;
  for (const std::string_view term : terms_of(condition)) {
    const auto there = value_of(term, {world.minor, world.gil});
    if (there && !*there)
      return false;
    const auto here = build_minor ? value_of(term, {*build_minor, true}) : std::nullopt;
    changed |= speaks_of_worlds(term) && !(here && *here);
  }
  return changed;
}

std::string_view system_of(std::string_view condition) {
  constexpr std::string_view of_windows[] = {"_WIN32", "_WIN64", "MS_WIN", "_MSC_VER", "NT_THREADS"};
  for (const std::string_view term : terms_of(condition)) {
    if (term.starts_with('!'))
      continue;
    if (contains(term, "__APPLE__"))
      return "macOS";
    if (std::any_of(std::begin(of_windows), std::end(of_windows),
                    [&](std::string_view macro) { return contains(term, macro); }))
      return "Windows";
  }
  return {};
}

std::set<std::string> opening_macros(std::string_view condition, const std::set<std::string> &macros) {
  std::set<std::string> found;
  for (const std::string_view term : terms_of(condition)) {
    if (term.starts_with('!'))
      continue;
    for (std::size_t i = 0; i < term.size();) {
      std::size_t end = i;
      while (end < term.size() && is_word(term[end]))
        ++end;
      if (std::string name(term.substr(i, end - i)); macros.contains(name))
        found.insert(std::move(name));
      i = std::max(end, i + 1);
    }
  }
  return found;
}

} // namespace ringfence
