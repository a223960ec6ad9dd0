// Helpers over plain text. Text is bytes: nothing here needs it to be valid UTF-8.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringfence {

// "a,,b" at ',' gives "a", "", "b"; an empty text gives one empty part.
std::vector<std::string_view> split(std::string_view text, char separator);

std::string join(const std::vector<std::string> &parts, std::string_view separator);

// Without ASCII white space at both ends.
std::string_view trim(std::string_view text);

// For a terminal or a log: control characters, bytes that are not UTF-8 and characters that turn the direction of text
// come out as \n, \t, \xNN or \u{NNNN}, so that a name from a scanned tree can neither move the cursor nor look like
// another.
std::string escape_terminal(std::string_view text);

// ASCII alone, whatever the locale.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// As std::string_view::find does, without its stop at each first letter.
bool contains(std::string_view text, std::string_view part);

inline bool is_one_of(std::span<const std::string_view> words, std::string_view text) {
  return std::ranges::find(words, text) != words.end();
}
bool is_any(std::string_view text, std::initializer_list<std::string_view> words);
bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> prefixes);

// One word for a POSIX shell: as it is where nothing in it is special, else in single quotes.
std::string shell_quoted(std::string_view text);

// Every byte sequence that is not UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

// How many UTF-16 code units the text takes; a byte that is not UTF-8 counts as one.
std::size_t utf16_length(std::string_view text);

// "a lock-object", "an object-cache".
std::string with_article(std::string_view noun);

// "1 unit", "2 units".
std::string count_of(std::size_t count, std::string_view singular);

} // namespace ringfence
