#include "report/formats/gcc.h"

#include "base/path.h"
#include "base/text.h"
#include "report/names.h"
#include "report/source_lines.h"

namespace ringfence {
namespace {

std::string path_of(const std::string &file, const FilePlaces &places) {
  const DiskPlace place = disk_place(file, places.folders);
  if (place.below.starts_with('<'))
    return file;
  const std::string path = place.folder + "/" + place.below;
  return path_below(path, places.here).value_or(path);
}

std::string line(const Place &place, const char *severity, const std::string &message, const FilePlaces &places) {
  return escape_terminal(path_of(place.file, places) + ":" + std::to_string(place.line) + ":" +
                         std::to_string(place.column) + ": " + severity + ": " + message) +
         "\n";
}

} // namespace

std::string to_gcc(const std::vector<Problem> &problems, const std::vector<Profile> &profiles,
                   const FilePlaces &places) {
  std::string text;
  for (const Problem &problem : problems) {
    const bool high = highest_risk(problem.risk, profiles) == Risk::high;
    text += line(problem.place, high ? "error" : "warning", problem.message + " [" + problem.rule + "]", places);
    for (const Evidence &evidence : problem.evidence)
      if (!(evidence.place == problem.place) || !contains(problem.message, evidence.text))
        text += line(evidence.place, "note", evidence.text, places);
    if (!problem.advice.empty())
      text += line(problem.place, "note", problem.advice, places);
  }
  return text;
}

} // namespace ringfence
