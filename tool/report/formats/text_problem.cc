#include "report/formats/text_problem.h"

#include <algorithm>

namespace ringfence {
namespace {

constexpr std::size_t shown_evidence = 3; // the JSON report has all

// A line of source, harmless for a terminal, without indentation, cut to a screen's width.
std::string source_text(SourceLines &sources, const Place &place) {
  constexpr std::size_t width = 110;
  const std::string_view text = trim(sources.line(place.file, place.line));
  return escape_terminal(text.substr(0, width)) + (text.size() > width ? " ..." : "");
}

} // namespace

std::string place_text(const Place &place) { return escape_terminal(place.file) + ":" + std::to_string(place.line); }

std::string proof_text(const Problem &problem, const TextStyle &style, SourceLines &sources) {
  std::string text;
  if (const std::string line = source_text(sources, problem.place); !line.empty())
    text += text_indent + style.dim("| ") + line + "\n";
  for (std::size_t i = 0; i < std::min(shown_evidence, problem.evidence.size()); ++i) {
    const Evidence &evidence = problem.evidence[i];
    const bool said = contains(problem.message, evidence.text); // its place alone is new
    if (said && evidence.place == problem.place)
      continue;
    text += text_indent + place_text(evidence.place);
    text += evidence.function.empty() ? "" : " in " + escape_terminal(evidence.function) + "()";
    text += (said ? "" : ": " + escape_terminal(evidence.text)) + "\n";
  }
  if (problem.evidence.size() > shown_evidence)
    text += text_indent + "and " + std::to_string(problem.evidence.size() - shown_evidence) + " more\n";
  for (const std::string &seen : problem.observed)
    text += text_indent + "seen in a run: " + escape_terminal(seen) + "\n";
  return text;
}

std::string what_to_do_text(const Problem &problem, const Report &report, const TextStyle &style) {
  std::vector<std::string> parts;
  for (const Profile profile : report.profiles) {
    const Risk risk = risk_of(problem.risk, profile);
    parts.push_back(style.risk(risk, std::string(to_string(profile)) + " " + std::string(to_string(risk))));
  }
  const std::string advice =
      problem.advice.empty() ? "" : text_indent + style.bold("=> ") + escape_terminal(problem.advice) + "\n";
  return text_indent + join(parts, ", ") + "\n" + advice;
}

} // namespace ringfence
