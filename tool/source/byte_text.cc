#include "source/byte_text.h"

#include <iterator>

#include <utf8.h>

namespace ringfence {
namespace {

constexpr char32_t first_byte_character = 0x10ff00;

} // namespace

std::string bytes_to_characters(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (auto at = bytes.begin(); at != bytes.end();) {
    const auto bad = utf8::find_invalid(at, bytes.end());
    text.append(at, bad);
    at = bad;
    if (at != bytes.end())
      utf8::append(first_byte_character + static_cast<unsigned char>(*at++), std::back_inserter(text));
  }
  return text;
}

std::string characters_to_bytes(std::string_view text) {
  std::string bytes;
  for (auto at = text.begin(); at != text.end();) {
    const auto begin = at;
    const char32_t c = utf8::unchecked::next(at);
    if (c >= first_byte_character + 0x80 && c <= first_byte_character + 0xff)
      bytes += static_cast<char>(c - first_byte_character);
    else
      bytes.append(begin, at);
  }
  return bytes;
}

} // namespace ringfence
