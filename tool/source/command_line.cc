#include "source/command_line.h"

#include <algorithm>

#include "base/path.h"

namespace ringfence {
namespace {

constexpr std::size_t max_depth = 16;
constexpr std::size_t max_files = 1024;
constexpr std::size_t max_words =
    1u << 20; // in one command, so that files that name each other twice cannot fill the memory

// Characters that a backslash escapes inside double quotes of a shell.
constexpr std::string_view shell_escapable = "$`\"\\\n";

struct Expansion {
  const std::string &directory;
  const FileSystem &files;
  std::vector<std::string> &notes;
  std::vector<std::string> open; // response files that are being read
  std::vector<std::string> words;
  std::size_t files_read = 0;

  void add(std::string word) {
    if (!word.starts_with('@') || word.size() == 1)
      words.push_back(std::move(word));
    else
      add_file(word);
  }

  void leave_out(const std::string &word, const std::string &path, const std::string &why) {
    notes.push_back("left out response file " + path + ": " + why);
    if (words.size() < max_words)
      words.push_back(word);
  }

  void add_file(const std::string &word) {
    const std::string path = absolute_path(word.substr(1), directory);
    if (std::find(open.begin(), open.end(), path) != open.end() || open.size() >= max_depth)
      return leave_out(word, path, "it includes itself or lies too deep");
    if (files_read == max_files)
      return leave_out(word, path, "too many files");
    ++files_read;
    const auto text = files.read(path);
    if (!text)
      return leave_out(word, path, text.error().message);
    const auto parts = split_command_line(*text, Quoting::response);
    if (!parts || words.size() + parts->size() > max_words)
      return leave_out(word, path, "too many words");
    open.push_back(path);
    for (const std::string &part : *parts)
      add(part);
    open.pop_back();
  }
};

} // namespace

Result<std::vector<std::string>> split_command_line(std::string_view text, Quoting quoting) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0; // the quote that is open
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool literal_backslash = quoting == Quoting::shell && quote == '\'';
    if (c == '\\' && !literal_backslash && i + 1 < text.size()) {
      const char next = text[++i];
      const bool kept =
          quoting == Quoting::shell && quote == '"' && shell_escapable.find(next) == std::string_view::npos;
      if (kept)
        word += '\\';
      if (next == '\n' && quoting == Quoting::shell)
        continue; // joins two lines
      word += next;
      in_word = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (std::string_view(" \t\n\r\f\v").find(c) != std::string_view::npos) {
      if (in_word)
        words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0 && quoting == Quoting::shell)
    return fail(std::string("a quote (") + quote + ") is opened and never closed");
  if (in_word)
    words.push_back(std::move(word));
  return words;
}

std::vector<std::string> expand_response_files(std::vector<std::string> words, const std::string &directory,
                                               const FileSystem &files, std::vector<std::string> &notes) {
  Expansion expansion{directory, files, notes, {}, {}, 0};
  for (std::string &word : words)
    expansion.add(std::move(word));
  return std::move(expansion.words);
}

} // namespace ringfence
