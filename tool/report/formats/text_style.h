// How the text report looks: colours and columns.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {

struct TextStyle {
  bool color = false;

  std::string paint(std::string_view code, std::string_view text) const {
    return color ? "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m" : std::string(text);
  }
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
  std::string risk(Risk risk, std::string_view text) const {
    switch (risk) {
    case Risk::high:
      return paint("1;31", text);
    case Risk::medium:
      return paint("33", text);
    case Risk::low:
      return paint("36", text);
    case Risk::none:
      return std::string(text);
    }
    return std::string(text);
  }
};

// In `width` columns; longer text is kept whole.
inline std::string left(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}
inline std::string right(const std::string &text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

inline const std::string text_indent(10, ' '); // of the lines below a headline

} // namespace ringfence
