// Workflow commands: "Workflow commands for GitHub Actions", section "Setting an error message". A message ends at a
// line break, so "%", CR and LF are percent-encoded; in properties ":" and "," are, too.

#include "report/formats/github.h"
#include "base/printable.h"
#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

std::string encode(std::string_view text, std::string_view also) {
  std::string encoded;
  for (const char c : text) {
    if (c == '%' || c == '\r' || c == '\n' || also.find(c) != std::string_view::npos) {
      static constexpr char digits[] = "0123456789ABCDEF";
      encoded += {'%', digits[c >> 4 & 15], digits[c & 15]};
    } else {
      encoded += c;
    }
  }
  return valid_utf8(encoded);
}

// Logs are read in terminals too.
std::string property(std::string_view text) { return encode(escape_terminal(text), ":,"); }
std::string message(std::string_view text) { return encode(escape_lines(text), ""); }

} // namespace

std::string to_github(const std::vector<Problem> &problems, const std::vector<Profile> &profiles) {
  std::string text;
  for (const Problem &problem : problems) {
    const Risk risk = highest_risk(problem.risk, profiles);
    text += risk == Risk::high ? "::error" : risk == Risk::medium ? "::warning" : "::notice";
    text += " file=" + property(problem.place.file) + ",line=" + std::to_string(problem.place.line) +
            ",title=" + property(problem.rule) + "::" + message(problem.subject.id() + ": " + problem.message) + "%0A" +
            message(problem.advice) + '\n';
  }
  return text;
}

} // namespace ringfence
