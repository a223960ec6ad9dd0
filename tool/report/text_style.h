// How the text report looks: colours, columns, and text of the scanned tree made harmless.
#pragma once

#include <string>
#include <string_view>

#include "base/text.h"
#include "report/names.h"
#include "report/problem.h"
#include "report/source_lines.h"
#include "report/text.h"

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

// text_summary.cc, text_modules.cc
std::string summary_text(const Report &report, const TextStyle &style, Risk at_least);
std::string incomplete_text(const Report &report, const TextStyle &style);
std::string modules_text(const Report &report, const TextStyle &style);

// text_problem.cc: "a.c:12"; the source, the evidence and what runs saw; the risks and the advice
std::string place_text(const Place &place);
std::string proof_text(const Problem &problem, const TextStyle &style, SourceLines &sources);
std::string what_to_do_text(const Problem &problem, const Report &report, const TextStyle &style);

// text_worth.cc
std::string worth_text(const std::vector<Problem> &problems, const Report &report, const TextOptions &options,
                       SourceLines &sources);
std::string next_text(const Report &report, const TextOptions &options);

} // namespace ringfence
