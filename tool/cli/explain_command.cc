#include "cli/explain_command.h"

#include "base/file_system.h"
#include "classify/explain.h"
#include "cli/output.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

Result<std::string> explain(const ExplainOptions &options) {
  Result<RuleSet> rules = load_rules(options.analysis.rules, DiskFileSystem());
  if (!rules)
    return tl::unexpected(rules.error());
  if (const Rule *rule = rules->find(options.subject))
    return explain_rule(*rule, options.analysis.min_python);
  return link_tree(options.analysis, std::move(*rules)).and_then([&](const LinkedTree &linked) {
    return explain_object(linked.program, linked.rules, linked.classify, options.subject);
  });
}

} // namespace

int run_explain(const ExplainOptions &options) {
  const Result<std::string> text = explain(options);
  if (!text)
    return report_error(text.error());
  const auto written = write_output("", *text);
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
