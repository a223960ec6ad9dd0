#include "report/explain_module.h"

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "knowledge/api_names.h"
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

// What the module claims of a world, and what the code shows of that, in a sentence; its word and its verdict are known.
std::string claim_text(const ReportedModule &module, const ReportedModule::Verification &claim, PlainWord word,
                       Profile profile) {
  const bool single = module.init == InitKind::single_phase;
  std::string text;
  switch (word) {
  case PlainWord::not_read:
    return "not read: " + claim.reason;
  case PlainWord::ok:
  case PlainWord::incomplete:
    return "it says that it works there";
  case PlainWord::unclaimed:
    text = "it says nothing of that world";
    break;
  case PlainWord::refused:
    text = profile == Profile::own_gil && single
               ? "it is initialised in one phase: an interpreter with a GIL of its own does not import it"
               : "it says that it does not work there";
    break;
  case PlainWord::unsafe:
    text = claim.verdict == ClaimVerdict::refuted ? "it says that it works there, and that is false"
                                                  : "it does not say that it works there, and nothing keeps it out";
    break;
  }
  return claim.verdict == ClaimVerdict::could_claim_more
             ? text + "; nothing of high risk was found against it, so it could claim more"
             : text;
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
  const std::vector<std::string> &against = found->second.refuted_by;
  out << "  " << claim_text(module, found->second, word, profile) << (against.empty() ? "" : "; against it:") << "\n";
  for (std::size_t i = 0; i < std::min(shown_reasons, against.size()); ++i)
    out << "    " << reason_text(problems, against[i]) << "\n";
  if (against.size() > shown_reasons)
    out << "    and " << against.size() - shown_reasons << " more\n";
}

// What is said of the module itself, false claims aside, and what to do about it.
void write_own_problems(std::ostream &out, const Report &report, const ReportedModule &module) {
  const std::string id = module.subject().id();
  std::string_view heading = "\nOf the module itself:\n";
  for (const Problem &problem : problems_of(report, report.profiles, Risk::medium)) {
    if (problem.subject.id() != id)
      continue;
    out << heading << "  " << reason_text({problem}, id) << "\n    => " << problem.advice << "\n";
    heading = "";
  }
}

// All that stands against the module in any world, by the first of which its own risk is known.
void write_next(std::ostream &out, const ReportedModule &module, const std::string &arguments) {
  for (const auto &[profile, claim] : module.verified)
    if (!claim.refuted_by.empty()) {
      out << "\nnext:\n  ringfence explain " << shell_quoted(claim.refuted_by.front()) << arguments
          << "    all evidence of the first\n";
      return;
    }
}

} // namespace

std::vector<const ReportedModule *> modules_named(const Report &report, std::string_view name) {
  if (const std::optional<InitName> init = init_name(name))
    name = init->module;
  const auto is_end = [](std::string_view whole, std::string_view end) {
    return whole.ends_with(end) && (whole.size() == end.size() || whole[whole.size() - end.size() - 1] == '.');
  };
  std::vector<const ReportedModule *> found;
  for (const ReportedModule &module : report.modules)
    if (is_end(module.name, name) || is_end(name, module.name) || name == module.subject().id())
      found.push_back(&module);
  return found;
}

std::string explain_module(const Report &report, const ReportedModule &module, const std::string &arguments) {
  std::ostringstream out;
  out << "module " << module.name << "\n  " << init_text(module) << ", at " << place_text(module.place)
      << "\n  claims: ";
  if (module.claims.empty())
    out << "nothing";
  for (auto claim = module.claims.begin(); claim != module.claims.end(); ++claim)
    out << (claim == module.claims.begin() ? "" : ", ") << claim->first << " " << claim->second;
  out << "\n";
  for (const Profile profile : all_profiles)
    write_world(out, report, module, profile);
  write_own_problems(out, report, module);
  write_next(out, module, arguments);
  return out.str();
}

} // namespace ringfence
