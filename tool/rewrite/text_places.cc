#include "rewrite/text_places.h"

#include <algorithm>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {

unsigned line_of(const std::string &text, unsigned offset) {
  return 1 + static_cast<unsigned>(
                 std::count(text.begin(), text.begin() + std::min<std::size_t>(offset, text.size()), '\n'));
}

std::size_t line_start(const std::string &text, std::size_t offset) {
  const std::size_t end = offset == 0 ? std::string::npos : text.rfind('\n', offset - 1);
  return end == std::string::npos ? 0 : end + 1;
}

std::string_view trailing_comment(std::string_view text, const Span &span) {
  const std::string_view rest = trim(text.substr(span.end, text.find('\n', span.end) - span.end));
  const bool whole = rest.starts_with("//") || (rest.starts_with("/*") && rest.find("*/") == rest.size() - 2);
  return whole ? rest : std::string_view();
}

std::string_view line_at(std::string_view text, std::size_t offset) {
  return text.substr(offset, std::min(text.find('\n', offset), text.size()) - offset);
}

namespace {

std::size_t next_line(std::string_view text, std::size_t offset) {
  const std::size_t end = text.find('\n', offset);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// The word of a directive: "if", "ifdef", "else"; empty for other lines.
std::string_view directive(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('#'))
    return {};
  line = trim(line.substr(1));
  return line.substr(0, std::min(line.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), line.size()));
}

bool is_blank(std::string_view line) { return trim(line).empty(); }

} // namespace

Edit removal_of(const std::string &text, const Span &span) {
  const std::size_t begin = line_start(text, span.begin);
  std::size_t end = next_line(text, span.end);
  const std::string_view rest = trim(std::string_view(text).substr(span.end, end - span.end));
  const bool alone =
      is_blank(std::string_view(text).substr(begin, span.begin - begin)) && rest == trailing_comment(text, span);
  if (!alone)
    return {span.begin, span.end, ""};
  const std::string_view before = begin == 0 ? std::string_view() : trim(line_at(text, line_start(text, begin - 1)));
  if ((before.empty() || before.ends_with('{')) && end < text.size() && is_blank(line_at(text, end)))
    end = next_line(text, end);
  return {static_cast<unsigned>(begin), static_cast<unsigned>(end), ""};
}

int conditional_depth(std::string_view text, std::size_t until) {
  int depth = 0;
  for (const std::string_view line : split(text.substr(0, until), '\n')) {
    const std::string_view word = directive(line);
    depth += word.starts_with("if") - (word == "endif");
  }
  return depth;
}

std::size_t above_comment(const std::string &text, std::size_t at) {
  while (at > 0) {
    const std::size_t previous = line_start(text, at - 1);
    const std::string_view line = trim(std::string_view(text).substr(previous, at - previous));
    if (line.starts_with("//")) {
      at = previous;
      continue;
    }
    const std::size_t open = line.ends_with("*/") ? text.rfind("/*", at) : std::string::npos;
    if (open == std::string::npos || line_start(text, open) != open)
      break;
    at = open;
  }
  return at;
}

std::size_t above(const std::string &text, std::size_t at) {
  while (at > 0 && conditional_depth(text, at) > 0)
    at = line_start(text, at - 1);
  return above_comment(text, at);
}

std::string indentation(const std::string &text, std::size_t at) {
  const std::size_t begin = line_start(text, at);
  return text.substr(begin, text.find_first_not_of(" \t", begin) - begin);
}

Span conditional_of_branch(const std::string &text, const Span &span) {
  const std::size_t begin = line_start(text, span.begin), end = next_line(text, span.end);
  if (begin == 0 || end >= text.size())
    return {};
  const std::string_view before = directive(line_at(text, line_start(text, begin - 1)));
  const std::string_view after = directive(line_at(text, end));
  if (!(before.starts_with("if") || before.starts_with("el")) || !(after.starts_with("el") || after == "endif"))
    return {};
  std::size_t open = line_start(text, begin - 1), close = end;
  for (int depth = 0; open > 0; open = line_start(text, open - 1)) {
    const std::string_view word = directive(line_at(text, open));
    depth += word == "endif";
    if (word.starts_with("if") && depth-- == 0)
      break;
  }
  for (int depth = 0; close < text.size(); close = next_line(text, close)) {
    const std::string_view word = directive(line_at(text, close));
    depth += word.starts_with("if");
    if (word == "endif" && depth-- == 0)
      break;
  }
  return {span.file, static_cast<unsigned>(open), static_cast<unsigned>(close + line_at(text, close).size())};
}

bool has_word(std::string_view text, std::string_view word) {
  const auto is_part = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1))
    if ((at == 0 || !is_part(text[at - 1])) && (at + word.size() == text.size() || !is_part(text[at + word.size()])))
      return true;
  return false;
}

std::string name_of_file(const std::string &file, const std::set<std::string> &taken) {
  std::string stem(file_name(file));
  stem = stem.substr(0, stem.find('.'));
  std::ranges::replace_if(
      stem, [](unsigned char c) { return !std::isalnum(c); }, '_');
  if (stem.empty() || std::isdigit(static_cast<unsigned char>(stem[0])))
    stem = "m" + stem;
  std::string name = stem;
  for (int n = 2; taken.contains(name); ++n)
    name = stem + std::to_string(n);
  return name;
}

std::string free_name(const std::string &name, std::string_view text) {
  std::string free = name;
  for (int n = 2; has_word(text, free); ++n)
    free = name + std::to_string(n);
  return free;
}

} // namespace ringfence
