// What a module does in one world, in one word for people. The verdict on its claim (ReportedModule::verified) is the
// proof behind it: a claim that "holds" may be one that rightly refuses.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace ringfence {

enum class PlainWord {
  unsafe,     // it loads there, and objects of high risk break
  not_read,   // what would claim it, or could stand against it, was not read
  incomplete, // it supports the world and nothing stands against it, but code of its folder was read in part or not at
              // all
  unclaimed,  // it does not say
  refused, // it does not load there: Python or the module itself refuses, or it says that it does not support the world
  ok,      // it says that it does, and nothing stands against it
};
inline constexpr PlainWord all_plain_words[] = {PlainWord::unsafe,    PlainWord::not_read, PlainWord::incomplete,
                                                PlainWord::unclaimed, PlainWord::refused,  PlainWord::ok};

std::string_view to_string(PlainWord word);
// "loads there, and breaks"
std::string_view meaning_of(PlainWord word);

// "interpreters under one GIL"
std::string_view meaning_of(Profile profile);

// How a module begins, and who wrote that: "single-phase", "multi-phase, cython", "pybind11".
std::string init_text(const ReportedModule &module);

using Verified = std::map<std::string, ReportedModule::Verification>; // by profile

// The words of a module by profile of the report, as read in one world.
struct WorldWords {
  std::string world;                           // empty: the module's own verdict; "this build", "3.14"
  const ReportedModule::World *read;           // null for the module's own verdict
  std::vector<std::optional<PlainWord>> words; // none where the world is not about the profile
};

// Built once for a report, which must outlive it.
class PlainWords {
public:
  explicit PlainWords(const Report &report);

  PlainWord of(const ReportedModule &module, Profile profile) const {
    return of(module, module.claims, module.verified, profile);
  }
  // As a world's claims were verified.
  PlainWord of(const ReportedModule &module, const std::map<std::string, std::string> &claims, const Verified &verified,
               Profile profile) const;
  // The module's verdict first, then each world that differs from it.
  std::vector<WorldWords> by_world(const ReportedModule &module) const;

private:
  bool read_in_part(const ReportedModule &module) const;
  // Whether what stands against the claim is of high risk there.
  bool breaks(const ReportedModule::Verification &claim, Profile profile) const;

  const Report &report_;
  // Folders, with a slash at the end: with units that were not read in full, with source files that no unit reads (each
  // with the folders above), and how many files at or below each define a module.
  std::set<std::string> partial_, uncovered_;
  std::map<std::string, std::size_t> module_files_;
  std::set<std::pair<Profile, std::string>> high_; // ids of what is of high risk there
  std::set<std::string> inferred_;                 // files of units without a compile command of their own
};

// The question that the report is read for, answered in a sentence or two: is it safe?
struct Answer {
  PlainWord word; // the worst of any module in any world; incomplete where there is no module
  std::string text;
};
Answer answer_of(const Report &report);

} // namespace ringfence
