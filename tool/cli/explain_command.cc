// `ringfence explain`: a rule where there is one of that name; else scans the tree for the object.
#include "base/file_system.h"
#include "base/printable.h"
#include "classify/explain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

ScanResult<std::string> explain(const ExplainOptions &options) {
  const DiskFileSystem disk;
  Result<RuleSet> rules = load_rules(options.analysis.rules, disk);
  if (!rules)
    return tl::unexpected(ScanError{rules.error()});
  if (const Rule *rule = rules->find(options.subject))
    return explain_rule(*rule, options.analysis.min_python);
  TerminalObserver observer(options.analysis);
  const ScanResult<LinkedTree> linked = link_tree(options.analysis, std::move(*rules), disk, observer);
  if (!linked)
    return tl::unexpected(linked.error());
  return explain_object(linked->program, linked->rules, linked->classify, options.subject)
      .map(escape_lines)
      .map_error([](const Error &error) { return ScanError{error}; });
}

} // namespace

int run(const ExplainOptions &options) {
  const ScanResult<std::string> text = explain(options);
  if (!text)
    return report_error(text.error());
  const auto written = write_output("", *text);
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
