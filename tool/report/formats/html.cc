#include "report/formats/html.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/formats/html_page.h"
#include "report/glossary.h"
#include "report/names.h"
#include "report/plain_words.h"
#include "report/problem.h"
#include "report/project_name.h"
#include "report/source_lines.h"
#include "report/worth.h"

// The data's form is what html/data.js says.

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t evidence_shown = 20; // of one entry; the JSON report has all
constexpr std::size_t width_shown = 200;   // bytes of a line of source

// The lines of source that the page shows, collected first, so that each file is read once.
class Excerpts {
public:
  void add(const Place &place, unsigned around) {
    if (place.line == 0)
      return;
    const unsigned first = place.line > around ? place.line - around : 1;
    for (unsigned line = first; line <= place.line + around; ++line)
      wanted_[place.file].insert(line);
  }

  // {"a.c": {"12": "static int x;"}}; empty lines are left out.
  Json read(const HtmlOptions &options) const {
    SourceLines sources(options.files, options.folders);
    // An ordered object looks through all its keys for each new one; these are new.
    Json::object_t files;
    for (const auto &[file, lines] : wanted_) {
      Json::object_t texts;
      for (const unsigned line : lines)
        if (const std::string text = shown(sources.line(file, line)); !text.empty())
          texts.emplace_back(std::to_string(line), text);
      if (!texts.empty())
        files.emplace_back(escape_terminal(file), std::move(texts));
    }
    return files;
  }

private:
  static std::string shown(std::string_view line) {
    std::string spaced; // tabs as eight columns
    for (const char c : line.substr(0, width_shown))
      c == '\t' ? spaced.append(8 - spaced.size() % 8, ' ') : spaced.append(1, c);
    return escape_terminal(spaced) + (line.size() > width_shown ? " ..." : "");
  }

  std::map<std::string, std::set<unsigned>> wanted_;
};

Json text_of(const std::string &text) { return escape_terminal(text); }

Json place_of(const Place &place) { return Json::array({text_of(place.file), place.line, place.column}); }

// By profile of the report: 0 (none) to 3 (high).
Json risks_of(const Risks &risks, const std::vector<Profile> &profiles) {
  Json numbers = Json::array();
  for (const Profile profile : profiles)
    numbers.push_back(static_cast<int>(risk_of(risks, profile)));
  return numbers;
}

Json evidence_of(const std::vector<Evidence> &evidence, Excerpts &excerpts) {
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(evidence.size(), evidence_shown); ++i) {
    excerpts.add(evidence[i].place, 1);
    list.push_back({{"place", place_of(evidence[i].place)},
                    {"function", text_of(evidence[i].function)},
                    {"text", text_of(evidence[i].text)}});
  }
  return list;
}

// What the verdict rests on besides the writes, which stand in a list of their own.
std::vector<Evidence> other_evidence(const ReportedObject &object) {
  std::vector<Evidence> others;
  for (const Evidence &piece : object.evidence)
    if (std::find(object.write_sites.begin(), object.write_sites.end(), piece) == object.write_sites.end())
      others.push_back(piece);
  return others;
}

void add_suppression(const std::optional<Suppression> &suppressed, Json &entry, Excerpts &excerpts) {
  if (suppressed)
    entry["allowed"] = evidence_of({{suppressed->place, "", suppressed->reason}}, excerpts);
}

Json object_entry(const ReportedObject &object, const std::vector<Profile> &profiles, Excerpts &excerpts) {
  excerpts.add(object.place, 3);
  const std::vector<Evidence> others = other_evidence(object);
  Json entry{{"key", text_of(object.subject.id())},
             {"what", "object"},
             {"name", text_of(object.name)},
             {"function", text_of(object.subject.function)},
             {"place", place_of(object.place)},
             {"type", text_of(object.type)},
             {"storage", to_string(object.storage)},
             {"verdict", text_of(object.verdict)},
             {"kind", text_of(object.kind)},
             {"level", to_string(object.level)},
             {"risk", risks_of(object.risk, profiles)},
             {"writes", to_string(object.writes)},
             {"guard", to_string(object.guard)},
             {"rule", text_of(object.rule)},
             {"message", text_of(object.message)},
             {"advice", text_of(object.advice)},
             {"sites", evidence_of(object.write_sites, excerpts)},
             {"siteCount", object.write_sites.size()},
             {"evidence", evidence_of(others, excerpts)},
             {"evidenceCount", others.size()}};
  // Rare: left out where empty.
  if (object.origin != CodeOrigin::project)
    entry["origin"] = to_string(object.origin);
  for (const auto &[name, value] : {std::pair("module", &object.module), std::pair("generatedBy", &object.generated_by),
                                    std::pair("macro", &object.macro), std::pair("riskNote", &object.risk_note)})
    if (!value->empty())
      entry[name] = text_of(*value);
  for (const std::string &seen : object.observed)
    entry["observed"].push_back(text_of(seen));
  add_suppression(object.suppressed, entry, excerpts);
  return entry;
}

Json finding_entry(const Finding &finding, const std::string &key, const std::vector<Profile> &profiles,
                   Excerpts &excerpts) {
  excerpts.add(finding.place, 3);
  Json entry{{"key", key},
             {"what", "finding"},
             {"name", text_of(finding.subject.id())},
             {"place", place_of(finding.place)},
             {"risk", risks_of(finding.risk, profiles)},
             {"rule", text_of(finding.rule)},
             {"message", text_of(finding.message)},
             {"advice", text_of(finding.advice)},
             {"evidence", evidence_of(finding.evidence, excerpts)},
             {"evidenceCount", finding.evidence.size()}};
  add_suppression(finding.suppressed, entry, excerpts);
  return entry;
}

// Keys stay the same from report to report: an object's id, a finding's fingerprint, numbered where one comes twice.
Json entries_of(const Report &report, Excerpts &excerpts) {
  Json entries = Json::array();
  for (const ReportedObject &object : report.objects)
    entries.push_back(object_entry(object, report.profiles, excerpts));
  std::map<std::string, unsigned> seen;
  for (const Finding &finding : report.findings) {
    const unsigned number = ++seen[finding.fingerprint];
    const std::string key = finding.fingerprint + (number > 1 ? "-" + std::to_string(number) : "");
    entries.push_back(finding_entry(finding, key, report.profiles, excerpts));
  }
  return entries;
}

// A text of several lines, each harmless.
Json lines_of(const std::string &text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n'))
    lines.push_back(escape_terminal(line));
  return join(lines, "\n");
}

// World by world, by profile: the module's own first, null where the world is not about the profile.
Json words_of(const PlainWords &plain, const ReportedModule &module) {
  Json rows = Json::array();
  for (const WorldWords &row : plain.by_world(module)) {
    Json words = Json::array();
    for (const std::optional<PlainWord> &word : row.words)
      words.push_back(word ? Json(to_string(*word)) : Json());
    rows.push_back({{"world", text_of(row.world)}, {"words", std::move(words)}});
  }
  return rows;
}

// The objects that refute a claim are given by their number in the entries.
Json modules_of(const Report &report) {
  std::map<std::string, std::size_t> numbers;
  for (std::size_t i = 0; i < report.objects.size(); ++i)
    numbers.emplace(report.objects[i].subject.id(), i);
  const PlainWords plain(report);
  Json modules = Json::array();
  for (const ReportedModule &module : report.modules) {
    Json claims = Json::object(), verified = Json::object();
    for (const auto &[name, value] : module.claims)
      claims[escape_terminal(name)] = text_of(value);
    for (const auto &[profile, result] : module.verified) {
      Json objects = Json::array();
      for (const std::string &id : result.refuted_by)
        if (const auto at = numbers.find(id); at != numbers.end())
          objects.push_back(at->second);
      verified[escape_terminal(profile)] = {{"verdict", to_string(result.verdict)}, {"objects", std::move(objects)}};
    }
    modules.push_back({{"name", text_of(module.name)},
                       {"place", place_of(module.place)},
                       {"init", to_string(module.init)},
                       {"binding", text_of(module.binding)},
                       {"claims", std::move(claims)},
                       {"verified", std::move(verified)},
                       {"words", words_of(plain, module)}});
  }
  return modules;
}

// What to look at first, as the text report has it.
Json first_of(const Report &report) {
  constexpr std::size_t shown = 12;
  const std::vector<Problem> problems = problems_of(report, report.profiles, Risk::medium);
  const std::vector<Entry> entries = by_worth(problems, report);
  Json list = Json::array();
  for (std::size_t i = 0; i < std::min(shown, entries.size()); ++i) {
    const Case &first = entries[i].cases.front();
    const Problem &cause = *first.cause;
    Json consequences = Json::array();
    for (const Problem *each : first.consequences)
      consequences.push_back(text_of(each->message));
    list.push_back({{"key", cause.verdict.empty() ? Json(cause.fingerprint) : text_of(cause.subject.id())},
                    {"more", entries[i].cases.size() - 1},
                    {"worst", static_cast<int>(highest_risk(cause.risk, report.profiles))},
                    {"consequences", std::move(consequences)}});
  }
  return {{"problems", problems.size()}, {"causes", entries.size()}, {"entries", std::move(list)}};
}

// The reasons of the rules that the report names.
Json rules_of(const Report &report, const RuleNotes &notes) {
  std::set<std::string> named;
  for (const ReportedObject &object : report.objects)
    named.insert(object.rule);
  for (const Finding &finding : report.findings)
    named.insert(finding.rule);
  Json rules = Json::object();
  for (const std::string &name : named)
    if (const auto at = notes.find(name); at != notes.end()) {
      Json references = Json::array();
      for (const std::string &reference : at->second.references)
        references.push_back(text_of(reference));
      rules[escape_terminal(name)] = {{"why", text_of(at->second.why)},
                                      {"example", lines_of(at->second.example)},
                                      {"fix", lines_of(at->second.fix)},
                                      {"references", std::move(references)}};
    }
  return rules;
}

Json meanings_of() {
  Json meanings = Json::object();
  for (const Term &term : glossary())
    meanings[std::string(term.word)] = term.meaning;
  for (const PlainWord word : all_plain_words)
    meanings[std::string(to_string(word))] = meaning_of(word);
  return meanings;
}

// How many entries that the source does not allow each risk has: {"own-gil": [none, low, medium, high]}.
Json counts_of(const Report &report) {
  Json counts = Json::object();
  for (const Profile profile : report.profiles) {
    std::array<std::size_t, 4> sums{};
    for (const ReportedObject &object : report.objects)
      if (!object.suppressed)
        ++sums[static_cast<std::size_t>(risk_of(object.risk, profile))];
    for (const Finding &finding : report.findings)
      if (!finding.suppressed)
        ++sums[static_cast<std::size_t>(risk_of(finding.risk, profile))];
    counts[std::string(to_string(profile))] = sums;
  }
  return counts;
}

Json history_of(const Report &report, const std::vector<EarlierReport> &history) {
  Json points = Json::array();
  if (history.empty())
    return points;
  for (const EarlierReport &earlier : history)
    points.push_back({{"label", text_of(earlier.label)}, {"counts", counts_of(earlier.report)}});
  points.push_back({{"label", "this scan"}, {"counts", counts_of(report)}});
  return points;
}

Json not_analysed(const Report &report) {
  Json list = Json::array();
  for (const ReportedUnit &unit : report.units)
    if (unit.status != UnitStatus::complete) {
      const auto error =
          std::find_if(unit.diagnostics.begin(), unit.diagnostics.end(),
                       [](const ReportedDiagnostic &each) { return each.severity != Severity::warning; });
      list.push_back({{"file", text_of(unit.file)},
                      {"status", to_string(unit.status)},
                      {"message", error == unit.diagnostics.end() ? Json("") : text_of(error->message)}});
    }
  for (const std::string &file : report.accounting.uncovered)
    list.push_back({{"file", text_of(file)}, {"status", "no unit reads it"}, {"message", ""}});
  return list;
}

} // namespace

std::string to_html(const Report &report, const HtmlOptions &options) {
  Excerpts excerpts;
  const Answer answer = answer_of(report);
  Json data{{"version", report.tool_version},
            {"project", text_of(options.folders.root.empty() ? report.root : project_name(options.folders.root))},
            {"answer", {{"word", to_string(answer.word)}, {"text", text_of(answer.text)}}}};
  for (const Profile profile : report.profiles)
    data["profiles"].push_back(to_string(profile));
  data["units"] = report.units.size();
  data["findings"] = report.accounting.findings;
  data["first"] = first_of(report);
  data["notAnalysed"] = not_analysed(report);
  data["notes"] = Json::array();
  for (const std::string &note : report.notes)
    data["notes"].push_back(text_of(note));
  data["entries"] = entries_of(report, excerpts);
  data["modules"] = modules_of(report);
  data["rules"] = rules_of(report, options.rules);
  data["meanings"] = meanings_of();
  for (const Profile profile : report.profiles)
    data["worlds"].push_back(meaning_of(profile));
  data["history"] = history_of(report, options.history);
  data["sources"] = excerpts.read(options);

  std::string page(html_before_data);
  for (const char c : data.dump()) // in JSON, "<" stands in strings alone
    c == '<' ? page.append("\\u003c") : page.append(1, c);
  return page.append(html_after_data);
}

} // namespace ringfence
