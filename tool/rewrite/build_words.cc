#include "rewrite/build_words.h"

#include <algorithm>
#include <cctype>

namespace ringfence {
namespace {

using Kind = BuildWord::Kind;

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// Collects words, and which bracket is whose.
class Words {
public:
  explicit Words(const std::string &text) : text_(text) {}

  void add(Kind kind, std::size_t begin, std::size_t end, std::string content) {
    BuildWord word{kind, begin, end, std::move(content), words_.size(), open_.empty() ? 0 : open_.back() + 1};
    if (kind == Kind::close && !open_.empty()) {
      word.partner = open_.back();
      word.around = words_[word.partner].around;
      words_[word.partner].partner = words_.size();
      open_.pop_back();
    } else if (kind == Kind::open) {
      open_.push_back(words_.size());
    }
    words_.push_back(std::move(word));
  }
  void add(Kind kind, std::size_t begin, std::size_t end) { add(kind, begin, end, text_.substr(begin, end - begin)); }
  bool inside_brackets() const { return !open_.empty(); }
  std::vector<BuildWord> take() && { return std::move(words_); }

private:
  const std::string &text_;
  std::vector<BuildWord> words_;
  std::vector<std::size_t> open_;
};

std::size_t end_of_line(const std::string &text, std::size_t at) { return std::min(text.find('\n', at), text.size()); }

// Behind the closing quotes of a string whose first one stands at `quote`; adds the word, from `begin` on.
std::size_t read_string(const std::string &text, std::size_t begin, std::size_t quote, Words &words) {
  const bool triple = text.compare(quote, 3, std::string(3, text[quote])) == 0;
  const std::string mark(triple ? 3 : 1, text[quote]);
  const std::size_t first = quote + mark.size();
  std::size_t at = first;
  while (at < text.size() && text.compare(at, mark.size(), mark) != 0 && (triple || text[at] != '\n'))
    at += text[at] == '\\' ? 2 : 1;
  at = std::min(at, text.size());
  const std::size_t end = std::min(at + mark.size(), text.size());
  words.add(Kind::string, begin, end, text.substr(first, at - first));
  return end;
}

std::size_t end_of_name(const std::string &text, std::size_t at) {
  while (at < text.size() && is_name_char(text[at]))
    ++at;
  return at;
}

} // namespace

std::vector<BuildWord> script_words(const std::string &text) {
  Words words(text);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const std::size_t name_end = end_of_name(text, at);
    const bool prefix =
        name_end < text.size() && name_end - at <= 2 && (text[name_end] == '\'' || text[name_end] == '"');
    if (c == '#') {
      at = end_of_line(text, at);
    } else if (prefix) { // r'', or no letters at all
      at = read_string(text, at, name_end, words);
    } else if (name_end > at) {
      words.add(Kind::name, at, name_end);
      at = name_end;
    } else if (c == '\\' && at + 1 < text.size()) {
      at += 2; // the statement goes on
    } else {
      if (c == '[' || c == '(' || c == '{')
        words.add(Kind::open, at, at + 1);
      else if (c == ']' || c == ')' || c == '}')
        words.add(Kind::close, at, at + 1);
      else if (c == '\n' && !words.inside_brackets())
        words.add(Kind::line_end, at, at + 1);
      else if (!std::isspace(static_cast<unsigned char>(c)))
        words.add(c == ',' ? Kind::comma : Kind::other, at, at + 1);
      ++at;
    }
  }
  return std::move(words).take();
}

std::vector<BuildWord> cmake_words(const std::string &text) {
  constexpr std::string_view ends = " \t\r\n()\"#";
  Words words(text);
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (text.compare(at, 3, "#[[") == 0) {
      at = std::min(text.find("]]", at), text.size() - 2) + 2;
    } else if (c == '#') {
      at = end_of_line(text, at);
    } else if (c == '"') {
      const std::size_t begin = at;
      for (++at; at < text.size() && text[at] != '"';)
        at += text[at] == '\\' ? 2 : 1;
      at = std::min(at + 1, text.size());
      words.add(Kind::string, begin, at, text.substr(begin + 1, at - begin - 2));
    } else if (c == '(' || c == ')') {
      words.add(c == '(' ? Kind::open : Kind::close, at, at + 1);
      ++at;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else {
      const std::size_t end = std::min(text.find_first_of(ends, at), text.size());
      words.add(words.inside_brackets() ? Kind::string : Kind::name, at, end);
      at = end;
    }
  }
  return std::move(words).take();
}

} // namespace ringfence
