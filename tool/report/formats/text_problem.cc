#include "report/formats/text_problem.h"

#include <algorithm>

namespace ringfence {

std::string place_text(const Place &place) { return escape_terminal(place.file) + ":" + std::to_string(place.line); }

namespace {

constexpr std::size_t shown_places = 3; // of evidence; the JSON report has all

// Whether the headline says it already.
bool is_said(const Problem &problem, std::string_view text) {
  constexpr std::string_view written = "written with ";
  return contains(problem.message, text) ||
         (text.starts_with(written) && contains(problem.message, text.substr(written.size())));
}

// Where the evidence lies, each place once, but for what the headline says of its own place.
std::vector<Place> places_of(const Problem &problem) {
  std::vector<Place> places;
  for (const Evidence &evidence : problem.evidence)
    if (!(evidence.place == problem.place && is_said(problem, evidence.text)) &&
        std::ranges::find(places, evidence.place) == places.end())
      places.push_back(evidence.place);
  return places;
}

// "a.c:9 in f(): written on first use, after a test": all that is known of the place and not said yet.
std::string evidence_text(const Problem &problem, const Place &place) {
  std::string function, said;
  for (const Evidence &evidence : problem.evidence) {
    if (evidence.place != place)
      continue;
    function = evidence.function;
    if (!is_said(problem, evidence.text))
      said += (said.empty() ? ": " : "; ") + escape_terminal(evidence.text);
  }
  return text_indent + place_text(place) + (function.empty() ? "" : " in " + escape_terminal(function) + "()") + said +
         "\n";
}

// A line of source, harmless for a terminal, without indentation, cut to a screen's width.
std::string source_text(SourceLines &sources, const Place &place) {
  constexpr std::size_t width = 110;
  const std::string_view text = trim(sources.line(place.file, place.line));
  return escape_terminal(text.substr(0, width)) + (text.size() > width ? " ..." : "");
}

} // namespace

std::string proof_text(const Problem &problem, const TextStyle &style, SourceLines &sources) {
  std::string text;
  if (const std::string line = source_text(sources, problem.place); !line.empty())
    text += text_indent + style.dim("| ") + line + "\n";
  const std::vector<Place> places = places_of(problem);
  for (std::size_t i = 0; i < std::min(shown_places, places.size()); ++i)
    text += evidence_text(problem, places[i]);
  if (places.size() > shown_places)
    text += text_indent + "and " + std::to_string(places.size() - shown_places) + " more\n";
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
