#include "gate/compare.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

// What stays the same when one part of a subject is renamed. A row without a rule is for the subject alone.
using Key = std::array<std::string, 6>;
enum class Renamed { file, function, variable };

const Subject &subject_of(const Problem &entry) { return entry.subject; }
Subject subject_of(const BaselineRow &row) { return subject_parts(row.subject); }

template <class T> Key key_without(Renamed part, const T &entry, bool subject_alone) {
  Subject subject = subject_of(entry);
  (part == Renamed::file ? subject.path : part == Renamed::function ? subject.function : subject.name).clear();
  if (subject_alone)
    return {subject.path, subject.function, subject.name, "", "", ""};
  return {subject.path, subject.function, subject.name, entry.rule, entry.kind, entry.type};
}

// Takes out of both lists each pair that differs in one part alone and has no other candidate on either side. Rows
// without a rule (`subject_alone`) are paired with all entries of one subject.
void take_moved(Renamed part, bool subject_alone, std::vector<BaselineRow> &rows, std::vector<Problem> &entries,
                std::vector<MovedProblem> &moved) {
  std::map<Key, std::vector<std::size_t>> rows_by_key;
  std::map<Key, std::map<std::string, std::vector<std::size_t>>> entries_by_key; // then by subject or fingerprint
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].rule.empty() == subject_alone)
      rows_by_key[key_without(part, rows[i], subject_alone)].push_back(i);
  for (std::size_t i = 0; i < entries.size(); ++i)
    entries_by_key[key_without(part, entries[i], subject_alone)]
                  [subject_alone ? entries[i].subject.id() : entries[i].fingerprint]
                      .push_back(i);

  std::set<std::size_t, std::greater<>> taken_rows, taken_entries;
  for (const auto &[key, row] : rows_by_key) {
    const auto found = entries_by_key.find(key);
    if (row.size() != 1 || found == entries_by_key.end() || found->second.size() != 1)
      continue;
    const std::vector<std::size_t> &same = found->second.begin()->second;
    moved.push_back({rows[row[0]], entries[same[0]]});
    taken_rows.insert(row[0]);
    taken_entries.insert(same.begin(), same.end());
  }
  for (const std::size_t i : taken_rows)
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
  for (const std::size_t i : taken_entries)
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
}

constexpr std::string_view no_member = "(none)", between_members = ", ";

// Members of a struct at risk that the row does not name; none where it names no members at all.
std::vector<std::string> new_members(const BaselineRow &row, const Problem &entry) {
  if (row.members.empty() || !entry.members)
    return {};
  const std::vector<std::string_view> known = split(row.members, ',');
  std::vector<std::string> fresh;
  for (const std::string &member : *entry.members)
    if (std::none_of(known.begin(), known.end(), [&](std::string_view name) { return trim(name) == member; }))
      fresh.push_back(member);
  return fresh;
}

// Whether the row accepts all that stops the entry.
bool accepts(const BaselineRow &row, const Problem &entry, const CompareOptions &options) {
  if (!new_members(row, entry).empty())
    return false;
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

bool is_expired(const BaselineRow &row, const CompareOptions &options) {
  return !row.expires.empty() && row.expires < options.today;
}

std::vector<Problem> entries_of(const Report &report, const CompareOptions &options) {
  std::vector<Problem> entries = problems_of(report, options.profiles, options.min_risk);
  if (options.variables_only)
    std::erase_if(entries, [](const Problem &entry) { return entry.verdict.empty(); });
  return entries;
}

// The rows that speak of an entry: by its fingerprint, or of its subject as a whole.
class RowIndex {
public:
  explicit RowIndex(const std::vector<BaselineRow> &rows) : matched_(rows.size()) {
    for (std::size_t i = 0; i < rows.size(); ++i)
      (rows[i].rule.empty() ? by_subject_[rows[i].subject] : by_fingerprint_[rows[i].fingerprint]).push_back(i);
  }

  std::vector<std::size_t> matching(const Problem &entry) {
    std::vector<std::size_t> all;
    if (const auto found = by_fingerprint_.find(entry.fingerprint); found != by_fingerprint_.end())
      all = found->second;
    if (const auto found = by_subject_.find(entry.subject.id()); found != by_subject_.end())
      all.insert(all.end(), found->second.begin(), found->second.end());
    for (const std::size_t row : all)
      matched_[row] = true;
    return all;
  }

  // A row without a rule is in use as long as its subject is there, whatever its risk.
  void find_subject(const std::string &subject) {
    if (const auto found = by_subject_.find(subject); found != by_subject_.end())
      for (const std::size_t row : found->second)
        matched_[row] = true;
  }

  // By row: whether an entry was found for it so far.
  const std::vector<bool> &matched() const { return matched_; }

private:
  std::map<std::string, std::vector<std::size_t>> by_fingerprint_, by_subject_;
  std::vector<bool> matched_;
};

// Whether a row is for code that this report cannot speak of.
class Unseen {
public:
  Unseen(const Report &report, const CompareOptions &options) : options_(options) {
    for (const ReportedInactive &inactive : report.inactive)
      inactive_.emplace(inactive.place.file, inactive.name);
    uncovered_.insert(report.accounting.uncovered.begin(), report.accounting.uncovered.end());
    for (const ReportedUnit &unit : report.units)
      if (unit.status == UnitStatus::failed)
        uncovered_.insert(unit.file);
  }

  bool holds(const BaselineRow &row) const {
    const Subject subject = subject_of(row);
    return (options_.files && !options_.files->contains(subject.path)) || uncovered_.contains(subject.path) ||
           inactive_.contains({subject.path, subject.name});
  }

private:
  const CompareOptions &options_;
  std::set<std::pair<std::string, std::string>> inactive_; // file and name
  std::set<std::string> uncovered_;
};

} // namespace

Baseline baseline_of(const std::vector<Problem> &entries, Section section, const std::string &reason) {
  Baseline baseline;
  for (const Problem &entry : entries) {
    BaselineRow row;
    row.section = section;
    row.subject = entry.subject.id();
    row.rule = entry.rule;
    row.fingerprint = entry.fingerprint;
    row.verdict = entry.verdict;
    row.kind = entry.kind;
    row.type = entry.type;
    if (entry.members)
      row.members = entry.members->empty() ? std::string(no_member) : join(*entry.members, between_members);
    row.reason = reason;
    baseline.rows.push_back(std::move(row));
  }
  return baseline;
}

Comparison compare(const Report &report, const Baseline &baseline, const CompareOptions &options) {
  Comparison result;
  std::vector<BaselineRow> rows;
  for (const BaselineRow &row : baseline.rows) {
    if (!in_force(row, options))
      continue;
    if (row.reason.empty())
      result.reasonless.push_back(row);
    (is_expired(row, options) ? result.expired : rows).push_back(row);
  }

  RowIndex index(rows);
  for (Problem &entry : entries_of(report, options)) {
    bool accepted = false;
    std::vector<std::string> fresh;
    for (const std::size_t row : index.matching(entry)) {
      accepted |= accepts(rows[row], entry, options);
      fresh = new_members(rows[row], entry);
    }
    if (!accepted && !fresh.empty())
      entry.message += "; new among its members: " + join(fresh, between_members);
    (accepted ? result.preexisting : result.introduced).push_back(std::move(entry));
  }
  for (const ReportedObject &object : report.objects)
    index.find_subject(object.subject.id());
  const std::vector<bool> in_use = index.matched();
  result.suppressed = suppressed_of(report, options.profiles, options.min_risk);
  result.unused_suppressions = unused_suppressions_of(report);
  for (const Problem &entry : result.suppressed) // a row for one of them has nothing left to accept, and has not moved
    index.matching(entry);

  const Unseen unseen(report, options);
  std::vector<BaselineRow> unmatched, idle;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (index.matched()[i] && !in_use[i])
      idle.push_back(rows[i]);
    else if (!index.matched()[i]) // what was not looked at has not moved
      (unseen.holds(rows[i]) ? result.unseen : unmatched).push_back(rows[i]);
  for (const Renamed part : {Renamed::file, Renamed::function, Renamed::variable})
    take_moved(part, false, unmatched, result.introduced, result.moved);
  for (const Renamed part : {Renamed::file, Renamed::function}) // without its name a subject alone says too little
    take_moved(part, true, unmatched, result.introduced, result.moved);
  idle.insert(idle.end(), unmatched.begin(), unmatched.end());
  for (BaselineRow &row : idle)
    (row.section == Section::debt ? result.fixed : result.stale).push_back(std::move(row));
  for (auto *list : {&result.fixed, &result.stale, &result.unseen})
    std::sort(list->begin(), list->end());
  return result;
}

Baseline pruned(const Baseline &baseline, const Comparison &comparison) {
  Baseline result = baseline;
  for (BaselineRow &row : result.rows)
    for (const MovedProblem &moved : comparison.moved)
      if (row == moved.from) {
        row.subject = moved.to.subject.id();
        row.fingerprint = row.rule.empty() ? "" : moved.to.fingerprint;
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
