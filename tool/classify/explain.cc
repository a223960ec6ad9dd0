#include "classify/explain.h"

#include <algorithm>
#include <sstream>

#include "base/text.h"
#include "classify/checks/allowances.h"
#include "classify/predicates/predicate.h"
#include "classify/rules/evaluate.h"
#include "classify/rules/wording.h"
#include "classify/verdicts/verdict.h"
#include "report/names.h"
#include "report/problem.h"

namespace ringfence {

namespace {

void write_risks(std::ostream &out, const Risks &risks) {
  for (const Profile profile : all_profiles)
    out << (profile == all_profiles.front() ? "" : ", ") << to_string(profile) << " "
        << to_string(risk_of(risks, profile));
  out << "\n";
}

// Source text, indented as in Markdown.
void write_source(std::ostream &out, const char *title, const std::string &source) {
  if (source.empty())
    return;
  out << "\n" << title << ":\n";
  for (const std::string_view line : split(source, '\n'))
    out << (line.empty() ? "" : "    ") << line << "\n";
}

std::string place_text(const Place &place, const std::string &function) {
  std::string text = place.file + ":" + std::to_string(place.line);
  return function.empty() ? text : text + " in " + function + "()";
}

// The rules up to the one that holds: which predicate decided in each.
void write_trial(std::ostream &out, const ProgramIndex &index, const RuleSet &rules, Index object) {
  out << "\nRules tried:\n";
  for (const Rule &rule : rules.verdicts) {
    const Outcome outcome = evaluate(rule.when, index, object);
    if (outcome.holds) {
      out << "  " << rule.full_name() << ": holds\n";
      return;
    }
    out << "  " << rule.full_name() << ": no, for ";
    if (!outcome.decider)
      out << "its condition is empty\n";
    else if (outcome.negated)
      out << "\"" << describe(*outcome.decider, false) << "\" holds\n";
    else
      out << "\"" << describe(*outcome.decider, false) << "\" does not hold\n";
  }
}

// All that is said of the place of `first`, each thing once; nothing where an earlier one has the same place.
void write_evidence(std::ostream &out, const std::vector<Evidence> &evidence, std::size_t first) {
  constexpr std::string_view stores = "stores ", written = "written with ";
  const auto is_here = [&](const Evidence &fact) {
    return fact.place == evidence[first].place && fact.function == evidence[first].function;
  };
  if (std::any_of(evidence.begin(), evidence.begin() + static_cast<std::ptrdiff_t>(first), is_here))
    return;
  std::vector<std::string> said;
  for (const Evidence &fact : evidence) {
    const bool stored = fact.text.starts_with(written) &&
                        std::ranges::find(said, std::string(stores) + fact.text.substr(written.size())) != said.end();
    if (is_here(fact) && !stored && std::ranges::find(said, fact.text) == said.end())
      said.push_back(fact.text);
  }
  out << "  " << place_text(evidence[first].place, evidence[first].function) << ": " << join(said, "; ") << "\n";
}

// What is said of an object and of a finding alike: whether it is allowed, what to do, and what proves it.
template <class T> void write_grounds(std::ostream &out, const T &found) {
  if (found.suppressed)
    out << "  allowed at " << place_text(found.suppressed->place, "") << ": " << found.suppressed->reason << "\n";
  if (!found.advice.empty())
    out << "  advice: " << found.advice << "\n";
  if (!found.evidence.empty())
    out << "\nEvidence:\n";
  for (std::size_t i = 0; i < found.evidence.size(); ++i)
    write_evidence(out, found.evidence, i);
}

void write_object(std::ostream &out, const ProgramIndex &index, const RuleSet &rules, const ReportedObject &object,
                  Index at, bool tried) {
  out << object.subject.id() << "\n";
  out << "  declared at " << place_text(object.place, object.subject.function) << " as " << object.type << ", "
      << to_string(object.storage) << "\n";
  out << "  verdict " << object.verdict << " (" << object.kind << ") by " << object.rule << ", level "
      << to_string(object.level) << "\n";
  out << "  writes: " << to_string(object.writes) << ", guard: " << to_string(object.guard)
      << ", holds Python objects: " << (object.holds_objects ? "yes" : "no") << "\n";
  out << "  risk: ";
  write_risks(out, object.risk);
  if (!object.risk_note.empty())
    out << "  risk moved: " << object.risk_note << "\n";
  write_grounds(out, object);
  for (const Index module : index.attribution.modules_of_object[at])
    out << "\nUsed by the module " << index.program.modules[module].name << ".\n";
  if (tried)
    write_trial(out, index, rules, at);
}

// Whether a name is the subject, or ends with it where a part of the name begins.
bool is_named(std::string_view name, std::string_view subject) {
  if (!name.ends_with(subject))
    return false;
  const std::string_view before = name.substr(0, name.size() - subject.size());
  return before.empty() || before.ends_with(':') || before.ends_with('/') || before.ends_with('.');
}

// "traverse", "traverse()", "m.c:traverse".
bool is_function(const std::string &file, std::string_view function, std::string_view subject) {
  constexpr std::string_view call_mark = "()";
  if (subject.ends_with(call_mark))
    subject.remove_suffix(call_mark.size());
  return !function.empty() && is_named(file + ":" + std::string(function), subject);
}

bool is_seen_in(const std::vector<Evidence> &evidence, std::string_view function) {
  return std::ranges::any_of(
      evidence, [&](const Evidence &each) { return is_function(each.place.file, each.function, function); });
}

// Objects and modules are explained by their own names.
bool is_found_by(const Finding &finding, std::string_view subject) {
  const Subject &of = finding.subject;
  const bool has_own = of.kind == SubjectKind::object || of.kind == SubjectKind::module;
  return (!has_own && (is_named(of.id(), subject) || is_named(of.name, subject))) ||
         is_function(of.path, of.in_function(), subject) || is_seen_in(finding.evidence, subject);
}

void write_finding(std::ostream &out, const RuleSet &rules, const Finding &finding) {
  out << finding.subject.id() << "\n  at " << place_text(finding.place, finding.subject.function) << "\n  "
      << finding.message << "  [" << finding.rule << "]\n  risk: ";
  write_risks(out, finding.risk);
  write_grounds(out, finding);
  if (const Rule *rule = rules.find(finding.rule.substr(0, finding.rule.find(' '))))
    out << "\nWhy: " << rule->why << "\n";
}

// What the text takes for known.
void write_words(std::ostream &out, const RuleSet &rules, const std::string &text) {
  std::string_view heading = "\nWords:\n";
  for (const auto &[word, meaning] : rules.words)
    if (contains(text, word)) {
      out << heading << "  " << word << ": " << meaning << "\n";
      heading = "";
    }
}

} // namespace

std::string explain_rule(const RuleSet &rules, const Rule &rule, const std::string &min_python) {
  std::ostringstream out;
  out << rule.full_name() << "\n\n" << rule.why << "\n";
  if (rule.is_verdict())
    out << "\nVerdict: " << rule.verdict << " (" << rule.kind << "), level " << to_string(rule.level) << "\n";
  out << "Risk: ";
  write_risks(out, rule.risk);
  for (const Adjustment &adjustment : rule.adjust) {
    out << "  where " << adjustment.note << ":";
    for (const auto &[profile, risk] : adjustment.risk)
      out << " " << to_string(profile) << " " << to_string(risk);
    out << "\n";
  }
  const std::string ways = rules.ways_text({"module-functions", "methods", "slots", "callbacks"}, min_python);
  const std::string advice = fill(rule.advice(min_python), {"NAME", "TYPE", "FUNCTION", ways}, {});
  if (!advice.empty())
    out << "\nWhat to do: " << advice << "\n";
  write_words(out, rules, rule.message + rule.why + advice);
  write_source(out, "Example", rule.example);
  write_source(out, "Fixed", rule.fix);
  if (!rule.references.empty())
    out << "\nReferences:\n";
  for (const std::string &reference : rule.references)
    out << "  " << reference << "\n";
  return out.str();
}

RuleNotes notes_of(const RuleSet &rules) {
  RuleNotes notes;
  for (const auto *all : {&rules.verdicts, &rules.checks})
    for (const Rule &rule : *all)
      notes[rule.full_name()] = {rule.why, rule.example, rule.fix, rule.references};
  return notes;
}

std::string explain_verdict(const RuleSet &rules, std::string_view verdict) {
  std::ostringstream out;
  for (const Rule &rule : rules.verdicts)
    if (rule.verdict == verdict)
      out << "\n" << rule.full_name() << "\n  " << rule.why << "\n";
  const std::string text = out.str();
  return text.empty() ? text : std::string(verdict) + ": the verdict of these rules\n" + text;
}

std::string explain_object(const Program &program, const RuleSet &rules, const ClassifyOptions &options,
                           std::string_view subject, bool tried) {
  const ProgramIndex index(program, rules.tables);
  std::vector<ReportedObject> objects = give_verdicts(index, rules, options);
  std::vector<Finding> findings; // of the checks: not explained here
  apply_allowances(index, rules, objects, findings);
  std::ostringstream out;
  bool any = false;
  for (Index i = 0; i < program.objects.size(); ++i) {
    const Object &object = program.objects[i];
    if (!in_inventory(object) || !(is_named(object.id, subject) || is_named(object.name, subject)))
      continue;
    out << (any ? "\n" : "");
    write_object(out, index, rules, objects[i], i, tried);
    any = true;
  }
  return out.str();
}

std::string explain_functions(const Program &program, std::string_view subject) {
  std::ostringstream out;
  for (const Function &function : program.functions) {
    const std::string &file = program.files[function.location.file].path;
    if (function.defined && !function.outside && is_function(file, function.name, subject))
      out << file << ":" << function.name << "()\n  at " << file << ":" << function.location.line
          << ": a function; nothing was found in it\n";
  }
  return out.str();
}

std::string explain_findings(const Report &report, const RuleSet &rules, std::string_view subject) {
  std::ostringstream out;
  std::string_view between = "";
  const auto write = [&](const Finding &finding) {
    out << between;
    write_finding(out, rules, finding);
    between = "\n";
  };
  for (const ReportedObject &object : report.objects)
    if (object.risk != Risks{} && !is_named(object.name, subject) && is_seen_in(object.evidence, subject))
      write(finding_of(object));
  for (const Finding &finding : report.findings)
    if (is_found_by(finding, subject))
      write(finding);
  return out.str();
}

} // namespace ringfence
