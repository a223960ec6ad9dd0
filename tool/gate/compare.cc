#include "gate/compare.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "report/names.h"

namespace ringfence {
namespace {

// The parts of an object's id, "path:function():name" (DESIGN.md). A path may hold colons, but its last component none.
struct Subject {
  std::string path, function, name;
};

Subject subject_of(const std::string &id) {
  const std::size_t slash = id.rfind('/');
  const std::size_t colon = id.find(':', slash == std::string::npos ? 0 : slash);
  if (colon == std::string::npos)
    return {"", "", id};
  const std::string scope = id.substr(colon + 1);
  const std::size_t call = scope.find("():");
  if (call == std::string::npos)
    return {id.substr(0, colon), "", scope};
  return {id.substr(0, colon), scope.substr(0, call), scope.substr(call + 3)};
}

// What stays the same when one part of a subject is renamed.
using Key = std::array<std::string, 6>;
enum class Renamed { file, function, variable };

template <class T> Key key_without(Renamed part, const T &entry) {
  Subject subject = subject_of(entry.subject);
  (part == Renamed::file ? subject.path : part == Renamed::function ? subject.function : subject.name).clear();
  return {subject.path, subject.function, subject.name, entry.rule, entry.kind, entry.type};
}

// Takes out of both lists each pair that differs in one part alone and has no other candidate on either side.
void take_moved(Renamed part, std::vector<BaselineRow> &rows, std::vector<Problem> &entries,
                std::vector<Moved> &moved) {
  std::map<Key, std::vector<std::size_t>> rows_by_key, entries_by_key;
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows_by_key[key_without(part, rows[i])].push_back(i);
  for (std::size_t i = 0; i < entries.size(); ++i)
    entries_by_key[key_without(part, entries[i])].push_back(i);

  std::set<std::size_t, std::greater<>> taken_rows, taken_entries;
  for (const auto &[key, row] : rows_by_key) {
    const auto entry = entries_by_key.find(key);
    if (row.size() != 1 || entry == entries_by_key.end() || entry->second.size() != 1)
      continue;
    moved.push_back({rows[row[0]], entries[entry->second[0]]});
    taken_rows.insert(row[0]);
    taken_entries.insert(entry->second[0]);
  }
  for (const std::size_t i : taken_rows)
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
  for (const std::size_t i : taken_entries)
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
}

// Whether the row accepts all that stops the entry.
bool accepts(const BaselineRow &row, const Problem &entry, const CompareOptions &options) {
  if (row.profile.empty())
    return true;
  return std::all_of(options.profiles.begin(), options.profiles.end(), [&](Profile profile) {
    return risk_of(entry.risk, profile) < options.min_risk || to_string(profile) == row.profile;
  });
}

bool in_force(const BaselineRow &row, const CompareOptions &options) {
  return row.profile.empty() || std::any_of(options.profiles.begin(), options.profiles.end(),
                                            [&](Profile profile) { return to_string(profile) == row.profile; });
}

} // namespace

Baseline baseline_of(const std::vector<Problem> &entries, Section section, const std::string &reason) {
  Baseline baseline;
  for (const Problem &entry : entries) {
    BaselineRow row;
    row.section = section;
    row.subject = entry.subject;
    row.rule = entry.rule;
    row.fingerprint = entry.fingerprint;
    row.verdict = entry.verdict;
    row.kind = entry.kind;
    row.type = entry.type;
    row.reason = reason;
    baseline.rows.push_back(std::move(row));
  }
  return baseline;
}

Comparison compare(const Report &report, const Baseline &baseline, const CompareOptions &options) {
  Comparison result;
  std::multimap<std::string, BaselineRow> by_fingerprint;
  for (const BaselineRow &row : baseline.rows) {
    if (!in_force(row, options))
      continue;
    if (row.reason.empty())
      result.reasonless.push_back(row);
    if (!row.expires.empty() && row.expires < options.today)
      result.expired.push_back(row);
    else
      by_fingerprint.emplace(row.fingerprint, row);
  }

  std::set<std::string> matched;
  for (Problem &entry : problems_of(report, options.profiles, options.min_risk)) {
    const auto [first, last] = by_fingerprint.equal_range(entry.fingerprint);
    if (first != last)
      matched.insert(entry.fingerprint);
    const bool accepted =
        std::any_of(first, last, [&](const auto &row) { return accepts(row.second, entry, options); });
    (accepted ? result.preexisting : result.introduced).push_back(std::move(entry));
  }

  std::vector<BaselineRow> unmatched;
  for (const auto &[fingerprint, row] : by_fingerprint)
    if (!matched.contains(fingerprint))
      unmatched.push_back(row);
  for (const Renamed part : {Renamed::file, Renamed::function, Renamed::variable})
    take_moved(part, unmatched, result.introduced, result.moved);
  for (BaselineRow &row : unmatched)
    (row.section == Section::debt ? result.fixed : result.stale).push_back(std::move(row));
  std::sort(result.fixed.begin(), result.fixed.end());
  std::sort(result.stale.begin(), result.stale.end());
  return result;
}

Baseline pruned(const Baseline &baseline, const Comparison &comparison) {
  Baseline result = baseline;
  for (BaselineRow &row : result.rows)
    for (const Moved &moved : comparison.moved)
      if (row == moved.from) {
        row.subject = moved.to.subject;
        row.fingerprint = moved.to.fingerprint;
        break;
      }
  std::erase_if(result.rows, [&](const BaselineRow &row) {
    for (const auto *gone : {&comparison.fixed, &comparison.stale, &comparison.expired})
      if (std::find(gone->begin(), gone->end(), row) != gone->end())
        return true;
    return false;
  });
  return result;
}

} // namespace ringfence
