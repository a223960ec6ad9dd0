#include "base/printable.h"

#include <algorithm>
#include <cstdio>

#include <utf8.h>

#include "base/text.h"

namespace ringfence {

std::string escape_lines(std::string_view text) {
  std::string lines;
  for (const std::string_view line : split(text, '\n'))
    lines += escape_terminal(line) + '\n';
  lines.pop_back();
  return lines;
}

std::string escape_json(std::string json) {
  if (std::all_of(json.begin(), json.end(), [](char c) { return static_cast<unsigned char>(c) < 0x7f; }))
    return json;
  std::string out;
  for (auto at = json.cbegin(); at != json.cend();) {
    const auto begin = at;
    const char32_t c = utf8::next(at, json.cend());
    const std::string_view character(&*begin, static_cast<std::size_t>(at - begin));
    if (c < 0x7f || escape_terminal(character) == character) {
      out += character;
      continue;
    }
    char buffer[16];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c)); // all lie in the basic plane
    out += buffer;
  }
  return out;
}

} // namespace ringfence
