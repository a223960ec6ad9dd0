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
  std::string subject;             // id of the object, module, type or function
  std::string rule;                // "RF103 cached-import"; empty where the row accepts whatever is said of its subject
  std::string fingerprint;         // empty where the rule is
  std::string verdict, kind, type; // of an object; empty for other subjects
  std::string
      members; // of a struct that is judged by member: those that the row accepts, "a, b.c"; "(none)"; empty: all
  std::string reason;       // why it is accepted, or what is owed
  std::string owner, issue; // who, where it is tracked; empty where not given
  std::string expires;      // last day on which the row counts, "2027-01-31"; empty: for ever
  std::string profile;      // counts under this profile alone; empty: under all
  // Of a row that was imported (gate/cpython_lists.h): the list's file name, the place in it, the list's own last
  // column.
  std::string list, order, note;

  auto operator<=>(const BaselineRow &) const = default;
};

// The text above a row of an imported list, or at its end: comments, headings and empty lines.
struct ListText {
  std::string list, order, text;

  auto operator<=>(const ListText &) const = default;
};

struct Baseline {
  std::vector<BaselineRow> rows;
  std::vector<ListText> list_texts;

  bool operator==(const Baseline &) const = default;
};

// Says which line is wrong and why. Rows may come in any order; a row without a reason is read (the gate reports it),
// two rows with one fingerprint and profile are not; of imported rows a list may hold several for one subject.
Result<Baseline> baseline_from_text(std::string_view text);

// Sorted by section, subject, rule and fingerprint.
std::string to_text(Baseline baseline);

} // namespace ringfence
