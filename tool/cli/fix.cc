#include "cli/fix.h"

#include <iostream>

#include "base/text.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "rewrite/edits.h"
#include "scan/checked_fix.h"

namespace ringfence {

int run_const_fix(const LinkedTree &linked, const Report &report, const TreeOptions &options, bool dry_run) {
  TerminalObserver observer(options);
  const Result<CheckedFix> checked = check_const_fix(linked, report, options.jobs, DiskFileSystem(), observer);
  if (!checked)
    return report_error(checked.error());
  const ConstFix &fix = checked->fix;

  for (const std::string &file : dry_run ? std::set<std::string>() : fix.files())
    if (const auto editable = check_editable(linked.tree.root + "/" + file, linked.tree.root); !editable)
      return report_error(editable.error()); // before anything is written
  std::string diff;
  for (const std::string &file : fix.files()) {
    const std::string &before = checked->before.at(file);
    const std::string after = fix.apply(file, before);
    diff += unified_diff(file, before, after);
    if (dry_run)
      continue;
    if (const auto written = write_output(linked.tree.root + "/" + file, after); !written)
      return report_error(written.error());
  }
  std::cerr << "ringfence: const for " << fix.objects().size() << " of " << count_of(checked->candidates, "object")
            << " in " << count_of(fix.files().size(), "file") << "; the others do not parse with it in every unit\n";
  const auto printed = dry_run ? write_output("", diff) : Result<void>();
  return printed ? exit_clean : report_error(printed.error());
}

} // namespace ringfence
