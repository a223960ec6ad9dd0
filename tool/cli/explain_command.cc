// `ringfence explain`: a rule, a word of the report or a verdict where there is one of that name; else scans the tree for a
// module, an object, or what else a finding names.
#include <algorithm>

#include "base/file_system.h"
#include "base/printable.h"
#include "base/sort_unique.h"
#include "base/spelling.h"
#include "base/text.h"
#include "classify/explain.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "report/explain_module.h"
#include "report/glossary.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

std::string explain_term(const Term &term) {
  return std::string(term.word) + "\n\n" + std::string(term.meaning) + "\n";
}

// What can be said without a scan; empty where only a tree can tell.
std::string explain_word(const RuleSet &rules, const ExplainOptions &options) {
  if (const Rule *rule = rules.find(options.subject))
    return explain_rule(rules, *rule, options.analysis.min_python);
  if (const Term *term = find_term(options.subject))
    return explain_term(*term);
  if (const auto word = rules.words.find(options.subject); word != rules.words.end())
    return explain_term({word->first, word->second});
  return explain_verdict(rules, options.subject);
}

// All that could have been meant.
std::vector<std::string> names_of(const LinkedTree &linked, const Report &report, bool by_id) {
  std::vector<std::string> names;
  names.reserve(linked.program.objects.size() + linked.program.functions.size());
  for (const Object &object : linked.program.objects)
    names.push_back(by_id ? object.id : object.name);
  for (const Function &function : linked.program.functions)
    if (function.defined && !function.outside)
      names.push_back(by_id ? linked.program.files[function.location.file].path + ":" + function.name : function.name);
  for (const Module &module : linked.program.modules)
    names.push_back(module.name);
  for (const Finding &finding : report.findings)
    names.push_back(by_id ? finding.subject.id() : finding.subject.name);
  for (const Term &term : glossary())
    names.emplace_back(term.word);
  for (const auto &[word, meaning] : linked.rules.words)
    names.push_back(word);
  for (const Rule &rule : linked.rules.verdicts)
    names.push_back(rule.verdict);
  sort_unique(names);
  return names;
}

// Those that are longer names of the subject, else the one that is spelt nearly so.
std::string names_hint(const std::vector<std::string> &names, const std::string &subject) {
  constexpr std::size_t shown = 5;
  std::vector<std::string> longer = longer_names(subject, names);
  if (longer.size() > shown)
    longer[shown] = "and " + std::to_string(longer.size() - shown) + " more";
  longer.resize(std::min(longer.size(), shown + 1));
  if (!longer.empty())
    return "; there is " + join(longer, ", ");
  const std::string nearest = near_spelling(subject, names);
  return nearest.empty() ? "; ringfence scan lists what there is" : "; did you mean \"" + nearest + "\"?";
}

ScanResult<std::string> explain_in_tree(const LinkedTree &linked, const ExplainOptions &options) {
  const Report report = report_of(linked);
  std::vector<std::string> texts;
  for (const ReportedModule *module : modules_named(report, options.subject))
    texts.push_back(explain_module(report, *module, same_tree(options.analysis, report.root)));
  texts.push_back(explain_object(linked.program, linked.rules, linked.classify, options.subject, options.tried));
  texts.push_back(explain_findings(report, linked.rules, options.subject));
  std::erase(texts, "");
  if (!texts.empty())
    return escape_lines(join(texts, "\n"));
  if (const std::string functions = explain_functions(linked.program, options.subject); !functions.empty())
    return escape_lines(functions);
  const bool by_id = options.subject.find(':') != std::string::npos;
  return tl::unexpected(
      ScanError{Error{"no object, module, function, finding, rule or word of the report is called \"" +
                      options.subject + "\"" + names_hint(names_of(linked, report, by_id), options.subject)}});
}

ScanResult<std::string> explain(const ExplainOptions &options) {
  const DiskFileSystem disk;
  Result<RuleSet> rules = load_rules(options.analysis.rules, disk);
  if (!rules)
    return tl::unexpected(ScanError{rules.error()});
  if (std::string text = explain_word(*rules, options); !text.empty())
    return text;
  const bool is_code = options.subject.size() > 2 && options.subject.starts_with("RF") &&
                       std::all_of(options.subject.begin() + 2, options.subject.end(), is_digit);
  if (is_code)
    return tl::unexpected(ScanError{Error{"no rule is called " + options.subject + "; ringfence rules lists them"}});
  TerminalObserver observer(options.analysis);
  const ScanResult<LinkedTree> linked = link_tree(options.analysis, std::move(*rules), disk, observer);
  if (!linked)
    return tl::unexpected(linked.error());
  return explain_in_tree(*linked, options);
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
