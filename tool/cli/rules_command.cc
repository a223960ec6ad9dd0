// `ringfence rules`: loads the built-in rules and those of a folder, then prints the table of all rules, of predicates or
// of traits, or runs annotated fixtures. A rule that does not load is a configuration error.
#include <algorithm>
#include <thread>
#include <utility>

#include "base/file_system.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "classify/predicates/predicate.h"
#include "classify/rules/rule.h"
#include "cli/options.h"
#include "cli/output.h"
#include "report/names.h"
#include "scan/fixture.h"
#include "source/python.h"

namespace ringfence {
namespace {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell, two blanks between them, none at the end of a line.
std::string align(const std::vector<Row> &rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row &row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text;
  for (const Row &row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

Row describe(const Rule &rule) {
  Row row = {rule.code, rule.name, rule.is_verdict() ? std::to_string(rule.rank) : "",
             rule.is_verdict() ? rule.verdict : "check", std::string(to_string(rule.applies_to))};
  for (const Risk risk : rule.risk)
    row.emplace_back(to_string(risk));
  return row;
}

std::string rule_table(const RuleSet &rules) {
  std::vector<Row> rows;
  for (const auto *kind : {&rules.verdicts, &rules.checks})
    for (const Rule &rule : *kind)
      rows.push_back(describe(rule));
  std::sort(rows.begin(), rows.end());
  Row head = {"code", "name", "rank", "verdict", "speaks of"};
  for (const Profile profile : all_profiles)
    head.emplace_back(to_string(profile));
  rows.insert(rows.begin(), std::move(head));
  return align(rows) + "\n" + std::to_string(rules.verdicts.size()) + " verdict rules, " +
         std::to_string(rules.checks.size()) + " checks, " + std::to_string(rules.tables.functions().size()) +
         " functions known\n";
}

std::string predicate_table() {
  std::vector<Row> rows = {{"speaks of", "predicate", "takes", "holds where"}};
  for (const std::string &word : spellings<SubjectKind>())
    for (const Predicate &predicate : predicates(*from_word<SubjectKind>(word))) {
      const char *takes = predicate.takes == Takes::nothing  ? ""
                          : predicate.takes == Takes::number ? "number"
                          : predicate.takes == Takes::trait  ? "traits"
                                                             : "words";
      rows.push_back({word, std::string(predicate.name), takes, std::string(predicate.doc)});
    }
  return align(rows);
}

std::string trait_list(const RuleSet &rules) {
  std::string text;
  for (const std::string &trait : rules.tables.traits())
    text += trait + "\n";
  return text;
}

// What fixtures of this folder (absolute) include from: Python's headers, and their own.
Result<std::vector<std::string>> includes_of(const std::string &folder, const std::string &python,
                                             const FileSystem &files) {
  auto installed = find_python(python, folder, files);
  if (!installed)
    return fail(installed.error().message);
  std::vector<std::string> includes = std::move(installed->includes);
  for (const std::string &own : {folder + "/include", parent_folder(folder) + "/include"})
    if (files.type(own) == FileType::directory)
      includes.push_back(own);
  return includes;
}

int test_rules(const RulesOptions &options, const RuleSet &rules, const FileSystem &files) {
  const auto fixtures = read_fixtures(options.test, files);
  if (!fixtures)
    return report_error(fixtures.error());
  if (fixtures->empty())
    return report_error(Error{options.test + ": no .c or .cc file lies there"});
  const auto includes = includes_of(parent_folder(fixtures->front().path), options.python, files);
  if (!includes)
    return report_error(includes.error());
  std::vector<std::vector<std::string>> found(fixtures->size());
  for_each_parallel(found.size(), std::max(1u, std::thread::hardware_concurrency()), [&](std::size_t i) {
    const Fixture &fixture = (*fixtures)[i];
    found[i] = differences(fixture, classify_fixture(fixture, rules, *includes));
  });
  std::string text;
  std::size_t differing = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    text += escape_terminal((*fixtures)[i].name) + ": " +
            (found[i].empty() ? "ok" : count_of(found[i].size(), "difference")) + "\n";
    for (const std::string &difference : found[i])
      text += "  " + escape_terminal(difference) + "\n";
    differing += !found[i].empty();
  }
  text += count_of(found.size(), "fixture") + ", " + std::to_string(differing) + " of them " +
          (differing == 1 ? "differs\n" : "differ\n");
  const auto written = write_output("", text);
  return !written ? report_error(written.error()) : differing > 0 ? exit_failed : exit_clean;
}

} // namespace

int run(const RulesOptions &options) {
  const Result<RuleSet> rules = load_rules(options.rules, DiskFileSystem());
  if (!rules)
    return report_error(rules.error());
  if (!options.test.empty())
    return test_rules(options, *rules, DiskFileSystem());
  const auto written = write_output("", options.predicates ? predicate_table()
                                        : options.traits   ? trait_list(*rules)
                                                           : rule_table(*rules));
  return written ? exit_clean : report_error(written.error());
}

} // namespace ringfence
