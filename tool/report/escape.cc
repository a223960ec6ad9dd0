#include "report/escape.h"

#include <cstdint>
#include <cstdio>

namespace ringfence {
namespace {

struct Decoded {
  std::uint32_t code_point = 0;
  std::size_t length = 0; // 0 where the first byte begins no valid sequence
};

// Unicode 15, table 3-7: well-formed byte sequences.
Decoded decode(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned first = byte(0);
  if (first < 0x80)
    return {first, 1};
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || bytes.size() < length)
    return {};
  std::uint32_t code_point = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80)
      return {};
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (overlong || surrogate || code_point > 0x10FFFF)
    return {};
  return {code_point, length};
}

bool drives_a_terminal(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point <= 0x9F) || code_point == 0x61C ||
         (code_point >= 0x200B && code_point <= 0x200F) || (code_point >= 0x2028 && code_point <= 0x202E) ||
         (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xFEFF;
}

void append_escape(std::string &out, const char *format, unsigned value) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, format, value);
  out += buffer;
}

std::string escape(std::string_view bytes, bool controls) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded next = decode(bytes);
    const std::size_t length = next.length == 0 ? 1 : next.length;
    if (next.length == 0)
      append_escape(out, "\\x%02X", static_cast<unsigned char>(bytes[0]));
    else if (controls && next.code_point == '\t')
      out += ' ';
    else if (controls && drives_a_terminal(next.code_point))
      append_escape(out, next.code_point < 0x80 ? "\\x%02X" : "\\u{%04X}", next.code_point);
    else
      out += bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  return out;
}

} // namespace

std::string escape_invalid_utf8(std::string_view bytes) { return escape(bytes, false); }
std::string escape_for_terminal(std::string_view bytes) { return escape(bytes, true); }

} // namespace ringfence
