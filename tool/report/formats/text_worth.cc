#include "report/formats/text_worth.h"

#include <algorithm>

#include "report/formats/text_problem.h"
#include "report/formats/text_style.h"
#include "report/worth.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

constexpr std::size_t shown_cases = 10; // of an entry, besides the first; --limit 0 shows all

// "[RF201 static-type]"
std::string rule_text(const Problem &problem, const TextStyle &style) {
  return style.dim("[" + escape_terminal(problem.rule) + "]");
}

// What a problem is about, without its file: "f():cache", "pkg._a".
std::string name_of(const Problem &problem) {
  const Subject &subject = problem.subject;
  return escape_terminal(subject.path == problem.place.file ? subject.in_file() : subject.id());
}

std::string consequences_text(const Case &each, const TextStyle &style) {
  std::string text;
  for (const Problem *consequence : each.consequences)
    text += text_indent + "so: " + place_text(consequence->place) + ": " + escape_terminal(consequence->message) +
            "  " + rule_text(*consequence, style) + "\n";
  return text;
}

// "psycopg/lobject_type.c:378  lobjectType, and so RF202 static-type-needs-state"; of a module, also the first reason.
std::string line_of(const Case &each) {
  std::string text = text_indent + place_text(each.cause->place) + "  " + name_of(*each.cause);
  if (each.cause->subject.kind == SubjectKind::module && !each.cause->evidence.empty())
    text += ": " + escape_terminal(each.cause->evidence.front().text);
  for (const Problem *consequence : each.consequences)
    text += ", and so " + escape_terminal(consequence->rule);
  return text + "\n";
}

std::string entry_text(const Entry &entry, const Report &report, const TextOptions &options, SourceLines &sources) {
  const TextStyle style{options.color};
  const Problem &first = *entry.cases.front().cause;
  const Risk worst = highest_risk(first.risk, report.profiles);
  std::string text = "\n" + style.risk(worst, left(std::string(to_string(worst)), 8)) + place_text(first.place) + ":" +
                     std::to_string(first.place.column) + "  " + escape_terminal(first.message) + "  " +
                     rule_text(first, style) + "\n";
  text += proof_text(first, style, sources) + consequences_text(entry.cases.front(), style);
  const std::size_t others = entry.cases.size() - 1;
  const std::size_t shown = options.limit == 0 ? others : std::min(others, shown_cases);
  if (others > 0)
    text += text_indent + style.bold(std::to_string(others) + " more of this rule:") + "\n";
  for (std::size_t i = 1; i <= shown; ++i)
    text += line_of(entry.cases[i]);
  if (shown < others)
    text += text_indent + "and " + std::to_string(others - shown) + " more\n";
  return text + what_to_do_text(first, report, style);
}

// What would read the rest. All units of a database that are complete leave nothing but files that no command names.
std::pair<std::string, std::string> step_to_completeness(const Report &report, const TextOptions &options) {
  const auto is_recorded = [](const ReportedUnit &unit) { return unit.origin == UnitOrigin::database; };
  const auto is_complete = [](const ReportedUnit &unit) { return unit.status == UnitStatus::complete; };
  if (!report.units.empty() && std::ranges::all_of(report.units, is_recorded))
    return {"ringfence scan" + options.arguments + " --allow-incomplete",
            std::ranges::all_of(report.units, is_complete) ? "the build does not compile the rest: that is no failure"
                                                           : "where what is listed above is accepted"};
  const auto has = [&](const char *name) {
    return options.files && !options.folders.root.empty() &&
           options.files->type(options.folders.root + name) == FileType::regular;
  };
  for (const char *packages : {"/site-packages/", "/dist-packages/"})
    if (contains(options.folders.root, packages))
      return {"ringfence audit " + shell_quoted(options.build_folder.empty() ? "." : options.build_folder),
              "this is an installed package: what its extension modules claim"};
  const std::string there = options.build_folder.empty() ? "" : "cd " + shell_quoted(options.build_folder) + " && ";
  if (has("/pyproject.toml") || has("/setup.py"))
    return {there + "ringfence capture -- python3 -m pip wheel . --no-build-isolation --no-deps",
            "record a build, with what it needs installed, so that all of it can be read"};
  if (has("/CMakeLists.txt"))
    return {there + "cmake -S . -B build -DCMAKE_EXPORT_COMPILE_COMMANDS=ON && ringfence scan -p build",
            "read it as its build does"};
  if (has("/meson.build"))
    return {there + "meson setup build && ringfence scan -p build", "read it as its build does"};
  return {there + (has("/Makefile") ? "ringfence capture -- make -B" : "ringfence capture -- BUILD COMMAND"),
          "record a build, so that all of it can be read"};
}

} // namespace

std::string worth_text(const std::vector<Problem> &problems, const Report &report, const TextOptions &options,
                       SourceLines &sources) {
  std::vector<Entry> entries = by_worth(problems, report);
  const std::size_t total = entries.size();
  if (options.limit != 0 && total > options.limit)
    entries.resize(options.limit);
  std::string text;
  for (const Entry &entry : entries)
    text += entry_text(entry, report, options, sources);
  text += "\n" + count_of(problems.size(), "problem") + " of risk " + std::string(to_string(options.at_least)) +
          " or higher";
  if (total < problems.size())
    text += " with " + count_of(total, "cause");
  if (entries.size() < total)
    text += ", the worst " + std::to_string(entries.size()) + " shown; --limit 0 shows all";
  return text + ".\n";
}

std::string next_text(const Report &report, const TextOptions &options) {
  const std::vector<Problem> problems = problems_of(report, report.profiles, options.at_least);
  std::vector<std::pair<std::string, std::string>> steps; // command, what it does
  const std::string &where = options.arguments;
  if (report.accounting.incomplete())
    steps.push_back(step_to_completeness(report, options));
  if (!problems.empty()) {
    const Problem &worst = *by_worth(problems, report).front().cases.front().cause;
    const std::string code = worst.rule.substr(0, worst.rule.find(' '));
    if (!worst.verdict.empty())
      steps.emplace_back("ringfence explain " + shell_quoted(worst.subject.id()) + where, "all evidence of the first");
    steps.emplace_back("ringfence explain " + code,
                       "why it matters, an example, the fix, its words; also of own-gil, unsafe, unit, ...");
    steps.emplace_back("ringfence baseline write" + where + " -o ringfence.baseline --reason 'before the first review'",
                       "accept what is there; then ringfence gate fails on what is new alone");
  }
  if (steps.empty())
    return "";
  std::size_t width = 0;
  for (const auto &[command, purpose] : steps)
    width = std::max(width, command.size());
  std::string text = "\n" + TextStyle{options.color}.bold("next:") + "\n";
  for (const auto &[command, purpose] : steps)
    text += "  " + left(escape_terminal(command), std::min<std::size_t>(width, 80)) + "  " + purpose + "\n";
  return text;
}

} // namespace ringfence
