// The formats of a report: one row each, in formats.cc.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/formats/html.h"
#include "report/formats/text.h"
#include "report/problem.h"

namespace ringfence {

// What a format shows. Whoever asks for it fills in what the format needs.
struct Rendering {
  const Report &report;
  std::vector<Problem> problems;   // that nobody allows
  std::vector<Problem> suppressed; // that the source allows, for formats that can say so
  TextOptions text = {};           // where the tree lies is said here, for the others too
  std::string here = {};           // files below this folder are written relative to it
  std::vector<EarlierReport> history = {};
  RuleNotes rules = {};
  std::map<std::string, std::string> states = {};              // report/formats/sarif.h
  std::map<std::string, std::vector<Place>> const_places = {}; // report/formats/sarif.h
};

// What it is made of.
enum class Shows {
  report,   // all of it
  problems, // one by one: of a comparison, those that are new
  states,   // one by one with what a comparison says of each: of a comparison, all
};

// What a command prepares for this format alone.
enum class Needs {
  nothing,
  terminal,     // it is for people: in colour, with the report's notes
  history,      // reports of earlier states
  const_places, // where `const` compiles
  step_summary, // its service shows a page of Markdown beside it
};

struct OutputFormat {
  std::string_view name; // of --format
  Shows shows;
  Needs needs;
  std::string (*render)(const Rendering &rendering);
};

std::span<const OutputFormat> output_formats();
// There must be one of this name.
const OutputFormat &output_format(std::string_view name);

} // namespace ringfence
