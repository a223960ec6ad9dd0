#include "report/explain_module.h"

#include <algorithm>
#include <sstream>

#include "report/names.h"
#include "report/plain_words.h"
#include "report/problem.h"

namespace ringfence {
namespace {

constexpr std::size_t shown_reasons = 5; // against one claim; the rest are counted

std::string place_text(const Place &place) { return place.file + ":" + std::to_string(place.line); }

// What is wrong with a subject and where, by its id.
std::string reason_text(const std::vector<Problem> &problems, const std::string &id) {
  for (const Problem &problem : problems)
    if (problem.subject.id() == id)
      return place_text(problem.place) + "  " + problem.message + "  [" + problem.rule + "]";
  return id;
}

void write_world(std::ostream &out, const Report &report, const ReportedModule &module, Profile profile) {
  const std::vector<Problem> problems = problems_of(report, {profile}, Risk::low);
  const std::vector<WorldWords> words = PlainWords(report).by_world(module);
  const auto at = static_cast<std::size_t>(std::ranges::find(report.profiles, profile) - report.profiles.begin());
  if (at == report.profiles.size())
    return;
  const PlainWord word = *words[0].words[at];
  out << "\n" << to_string(profile) << ": " << to_string(word) << ", " << meaning_of(word) << "\n";
  for (const WorldWords &each : words)
    if (each.words[at] && each.words[at] != word)
      out << "  " << each.world << ": " << to_string(*each.words[at]) << "\n";
  const auto found = module.verified.find(std::string(to_string(profile)));
  if (found == module.verified.end())
    return;
  out << "  claim: " << to_string(found->second.verdict) << "\n";
  if (!found->second.reason.empty())
    out << "  not read: " << found->second.reason << "\n";
  const std::vector<std::string> &against = found->second.refuted_by;
  for (std::size_t i = 0; i < std::min(shown_reasons, against.size()); ++i)
    out << "  " << reason_text(problems, against[i]) << "\n";
  if (against.size() > shown_reasons)
    out << "  and " << against.size() - shown_reasons << " more\n";
}

} // namespace

std::vector<const ReportedModule *> modules_named(const Report &report, std::string_view name) {
  const auto is_end = [](std::string_view whole, std::string_view end) {
    return whole.ends_with(end) && (whole.size() == end.size() || whole[whole.size() - end.size() - 1] == '.');
  };
  std::vector<const ReportedModule *> found;
  for (const ReportedModule &module : report.modules)
    if (is_end(module.name, name) || is_end(name, module.name))
      found.push_back(&module);
  return found;
}

std::string explain_module(const Report &report, const ReportedModule &module) {
  std::ostringstream out;
  out << "module " << module.name << "\n  " << to_string(module.init) << " initialisation at "
      << place_text(module.place);
  if (!module.binding.empty())
    out << ", made by " << module.binding;
  out << "\n  claims: ";
  if (module.claims.empty())
    out << "nothing";
  for (auto claim = module.claims.begin(); claim != module.claims.end(); ++claim)
    out << (claim == module.claims.begin() ? "" : ", ") << claim->first << " " << claim->second;
  out << "\n";
  for (const Profile profile : all_profiles)
    write_world(out, report, module, profile);
  return out.str();
}

} // namespace ringfence
