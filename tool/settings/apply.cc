#include "settings/apply.h"

#include <algorithm>

#include "base/glob.h"
#include "report/accounting.h"
#include "report/names.h"

namespace ringfence {
namespace {

class Decisions {
public:
  explicit Decisions(const Settings &settings) : settings_(settings), used_(settings.ignored.size()) {}

  // Of an object or a finding.
  template <class Entry> void apply(Entry &entry) {
    for (const auto &[rule, risk] : settings_.risks)
      if (names_rule(rule, entry.rule))
        for (Risk &each : entry.risk)
          each = each == Risk::none ? each : risk;
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const IgnoredRule &ignored = settings_.ignored[i];
      if (!names_rule(ignored.rule, entry.rule) ||
          (!ignored.paths.empty() && !any_glob_matches(ignored.paths, entry.place.file)))
        continue;
      used_[i] = true;
      if (!entry.suppressed)
        entry.suppressed = Suppression{ignored.reason, ignored.place};
    }
  }

  std::vector<std::string> unused() const {
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < used_.size(); ++i)
      if (const IgnoredRule &ignored = settings_.ignored[i]; !used_[i])
        notes.push_back(ignored.place.file + ":" + std::to_string(ignored.place.line) + ": nothing is found by " +
                        ignored.rule + " there: the entry can go");
    return notes;
  }

private:
  const Settings &settings_;
  std::vector<bool> used_; // parallel to settings_.ignored
};

} // namespace

Result<void> check_rules(const Settings &settings, const RuleSet &rules) {
  const auto unknown = [&](const std::string &rule, const std::string &where) {
    return fail(where + ": there is no rule \"" + rule + "\"; did you mean \"" + rules.nearest(rule) + "\"?");
  };
  for (const auto &[rule, risk] : settings.risks)
    if (!rules.find(rule))
      return unknown(rule, settings.file);
  for (const IgnoredRule &ignored : settings.ignored)
    if (!rules.find(ignored.rule))
      return unknown(ignored.rule, settings.file + ":" + std::to_string(ignored.place.line));
  return {};
}

void apply_settings(Report &report, const Settings &settings) {
  if (settings.risks.empty() && settings.ignored.empty())
    return;
  Decisions decisions(settings);
  for (ReportedObject &object : report.objects)
    decisions.apply(object);
  for (Finding &finding : report.findings)
    decisions.apply(finding);
  for (std::string &note : decisions.unused())
    report.notes.push_back(std::move(note));
  report.accounting = account(report, std::move(report.accounting.uncovered));
}

} // namespace ringfence
