// The reviewed decisions of a project: findings that its people accept, each with a reason.
//
// The file has one JSON object per line, sorted, without lines, columns or totals, so that it merges as text. Its first
// line names the format. `accepted` rows are judged harmless or intended; `debt` rows are to be repaired.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ringfence {

enum class Section { accepted, debt };

struct BaselineRow {
  Section section = Section::debt;
  std::string subject; // id of the object, module, type or function
  std::string rule;    // "RF103 cached-import"
  std::string fingerprint;
  std::string verdict, kind, type; // of an object; empty for other subjects
  std::string reason;              // why it is accepted, or what is owed
  std::string owner, issue;        // who, where it is tracked; empty where not given
  std::string expires;             // last day on which the row counts, "2027-01-31"; empty: for ever
  std::string profile;             // counts under this profile alone; empty: under all

  auto operator<=>(const BaselineRow &) const = default;
};

struct Baseline {
  std::vector<BaselineRow> rows;

  bool operator==(const Baseline &) const = default;
};

// Says which line is wrong and why. Rows may come in any order; a row without a reason is read (the gate reports it),
// two rows with one fingerprint and profile are not.
Result<Baseline> baseline_from_text(std::string_view text);

// Sorted by section, subject, rule and fingerprint.
std::string to_text(Baseline baseline);

} // namespace ringfence
