// What a scan says: plain values from which every output format, the gate and the manifest are made. docs/report.md
// says what of it programs may rely on.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facts/kinds.h"
#include "report/subject.h"

namespace ringfence {

enum class UnitOrigin; // source/unit_origin.h

enum class Profile { shared_gil, own_gil, free_threaded, multi_init };
inline constexpr std::size_t profile_count = 4;
enum class Risk { none, low, medium, high };
using Risks = std::array<Risk, profile_count>; // by Profile

enum class Level { constant, process, interpreter, module, thread };

// What keeps threads apart that write an object.
enum class Protection { none, lock, atomic, once, thread_local_storage };
// Whose code an object is; header: one from outside the project defines it in the unit.
enum class CodeOrigin { project, vendored, test, header };
// What came of a claim in the world of one profile.
enum class ClaimVerdict { holds, refuted, could_claim_more, missing, not_read };

struct Place {
  std::string file; // root-relative
  unsigned line = 0, column = 0;
  auto operator<=>(const Place &) const = default;
};

// One fact that a verdict rests on: the write, the callee, the lock, the path that proves it.
struct Evidence {
  Place place;
  std::string function; // enclosing function; empty at file scope
  std::string text;     // "written with the result of PyImport_ImportModule"
  auto operator<=>(const Evidence &) const = default;
};

// A comment or attribute in the source that allows what a rule says of a place, and why (extract: Allowance).
struct Suppression {
  std::string reason; // never empty
  Place place;        // of the comment
  bool operator==(const Suppression &) const = default;
};

struct ReportedDiagnostic {
  Place place;
  Severity severity = Severity::error;
  std::string message;
  bool operator==(const ReportedDiagnostic &) const = default;
};

struct ReportedUnit {
  std::string file, config;
  UnitStatus status = UnitStatus::complete;
  UnitOrigin origin{}; // where its arguments come from
  std::vector<ReportedDiagnostic> diagnostics;
  bool operator==(const ReportedUnit &) const = default;
};

// What is judged of one member of a struct by itself.
struct ReportedMember {
  std::string name;
  Place place; // of its declaration
  std::string type;
  std::string kind, verdict;
  Risks risk{};
  WriteClass writes = WriteClass::never;
  Protection guard = Protection::none;
  std::string rule, fingerprint;
  bool operator==(const ReportedMember &) const = default;
};

struct ReportedObject {
  Subject subject;
  std::string name; // unqualified
  Place place;
  std::string type; // as declared
  Storage storage = Storage::file_static;
  bool thread_local_storage = false;
  std::string generated_by, macro; // empty where none
  CodeOrigin origin = CodeOrigin::project;
  std::string module; // the one module that leads to it; empty where none or several do
  std::vector<std::string> configs;
  std::string kind, verdict;
  Level level = Level::process;
  Risks risk{};
  bool holds_objects = false;
  std::vector<std::uint32_t> object_words; // TypeFacts::object_words, for the manifest; no part of the JSON report
  WriteClass writes = WriteClass::never;
  std::vector<Evidence> write_sites;
  Protection guard = Protection::none;
  std::string rule, message, advice, fingerprint; // message: the rule's, about this object
  std::vector<Evidence> evidence;                 // all that the verdict rests on, write sites included
  std::string risk_note; // which fact moved the risk away from the rule's default; empty where none did
  std::vector<std::string>
      observed; // what runs showed (scan --evidence): "changed in CPython 3.12.1: own GIL, at once"
  std::vector<ReportedMember> members;   // of a struct, that code names: the worst first
  std::optional<Suppression> suppressed; // the source allows the verdict
  bool collapsed = false; // a finding on all that its generator writes speaks for it ("<cython>/static-pyobject")
  bool operator==(const ReportedObject &) const = default;
};

struct ReportedModule {
  std::string name;
  Place place;
  InitKind init = InitKind::none;
  long long state_size = 0;
  std::string binding; // the generator that wrote the init function, by its name in the tables; empty where none did
  std::map<std::string, std::string>
      claims; // "multiple-interpreters": "per-interpreter-gil", "gil": "not-used"; absent where not claimed
  struct Verification {
    ClaimVerdict verdict = ClaimVerdict::missing;
    std::vector<std::string> refuted_by; // ids of objects, or of other subjects of findings
    std::string reason = {};             // of not-read: "src/m.c:12: what was not read"
    bool operator==(const Verification &) const = default;
  };
  std::map<std::string, Verification> verified; // by profile
  // What it claims in one world, and whether that holds there; empty where one world was read.
  struct World {
    std::string name; // "build", "3.14", "3.14t"
    std::map<std::string, std::string> claims;
    std::map<std::string, Verification> verified;
    bool operator==(const World &) const = default;
  };
  std::vector<World> worlds = {};
  Subject subject() const { return {SubjectKind::module, place.file, "", name}; }
  bool operator==(const ReportedModule &) const = default;
};

struct ReportedType {
  std::string id, name;
  bool is_static = false;
  Place place;
  bool operator==(const ReportedType &) const = default;
};

// What a check found. The verdict of an object is no finding: the object carries all that is to be said.
struct Finding {
  std::string rule; // code and name, "RF103 cached-import"
  Subject subject;
  Place place;
  std::string message, advice;
  Risks risk{};
  std::vector<Evidence> evidence;
  std::string fingerprint;
  std::optional<Suppression> suppressed;
  bool operator==(const Finding &) const = default;
};

struct ReportedInactive {
  Place place;
  std::string condition, name;
  bool operator==(const ReportedInactive &) const = default;
};

// The sums must reconcile: each map's values add up to its total.
struct Accounting {
  std::size_t units = 0, objects = 0;
  std::size_t findings = 0;                           // of checks, and verdicts of objects at risk
  std::size_t suppressed = 0;                         // of the findings
  std::map<std::string, std::size_t> units_by_status; // complete, partial, failed
  std::map<std::string, std::size_t> objects_by_verdict;
  std::map<std::string, std::size_t> findings_by_rule;
  std::vector<std::string> uncovered; // source files of the tree that no unit reads
  // True where a file failed, was read in part or was skipped.
  bool incomplete() const;
  bool operator==(const Accounting &) const = default;
};

struct Report {
  std::string tool_version, clang_version;
  std::string root; // as given on the command line
  std::vector<Profile> profiles;
  std::vector<ReportedUnit> units;
  std::vector<ReportedObject> objects; // by id
  std::vector<ReportedModule> modules;
  std::vector<ReportedType> types;
  std::vector<Finding> findings; // by file, line, rule, subject
  std::vector<ReportedInactive> inactive;
  std::vector<std::string> notes; // what was inferred or assumed, for the reader; those that begin with "warning: "
                                  // come first, and are shown before anything else
  Accounting accounting;
  bool operator==(const Report &) const = default;
};

} // namespace ringfence
