#include "report/names.h"

#include <algorithm>

#include "source/unit_origin.h"

namespace ringfence {
namespace {

// The words of an enumeration whose last enumerator is `last`: one too few or too many does not compile.
template <auto last, std::size_t N> consteval std::array<std::string_view, N> words(const std::string_view (&list)[N]) {
  static_assert(N == static_cast<std::size_t>(last) + 1);
  return std::to_array(list);
}

constexpr auto profiles = words<Profile::multi_init>({"shared-gil", "own-gil", "free-threaded", "multi-init"});
constexpr auto risks = words<Risk::high>({"none", "low", "medium", "high"});
constexpr auto levels = words<Level::thread>({"constant", "process", "interpreter", "module", "thread"});
constexpr auto subject_kinds = words<SubjectKind::generator>(
    {"object", "module", "type", "call", "function", "unit", "allowance", "member", "generator"});
constexpr auto storages = words<Storage::member>({"file-static", "external", "function-static", "class-static",
                                                  "inline", "template-static", "compound-literal", "member"});
constexpr auto write_classes = words<WriteClass::anywhere>({"never", "init", "exec", "lazy", "anywhere"});
constexpr auto protections =
    words<Protection::thread_local_storage>({"none", "lock", "atomic", "once", "thread-local"});
constexpr auto code_origins = words<CodeOrigin::header>({"", "vendored", "test", "header"});
constexpr auto init_kinds = words<InitKind::none>({"single-phase", "multi-phase", "export-slots", "none"});
constexpr auto claim_verdicts =
    words<ClaimVerdict::not_read>({"holds", "false", "could-claim-more", "missing", "not-read"});
constexpr auto unit_statuses = words<UnitStatus::failed>({"complete", "partial", "failed"});
constexpr auto unit_origins = words<UnitOrigin::inferred>({"database", "inferred"});
constexpr auto severities = words<Severity::fatal>({"warning", "error", "fatal"});

} // namespace

Words words_of(Profile) { return profiles; }
Words words_of(Risk) { return risks; }
Words words_of(Level) { return levels; }
Words words_of(SubjectKind) { return subject_kinds; }
Words words_of(Storage) { return storages; }
Words words_of(WriteClass) { return write_classes; }
Words words_of(Protection) { return protections; }
Words words_of(CodeOrigin) { return code_origins; }
Words words_of(InitKind) { return init_kinds; }
Words words_of(ClaimVerdict) { return claim_verdicts; }
Words words_of(UnitStatus) { return unit_statuses; }
Words words_of(UnitOrigin) { return unit_origins; }
Words words_of(Severity) { return severities; }

Risk highest_risk(const Risks &risks, const std::vector<Profile> &profiles) {
  Risk highest = Risk::none;
  for (const Profile profile : profiles)
    highest = std::max(highest, risk_of(risks, profile));
  return highest;
}

bool names_rule(std::string_view word, std::string_view rule) {
  const std::size_t space = rule.find(' ');
  return word == rule.substr(0, space) || (space != std::string_view::npos && word == rule.substr(space + 1));
}

} // namespace ringfence
