#include "fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/text.h"
#include "classify/classify.h"
#include "extract/extract.h"
#include "knowledge/knowledge.h"
#include "link/link.h"
#include "report/problem.h"

namespace ringfence {

namespace {

namespace fs = std::filesystem;

const fs::path fixtures_root = RINGFENCE_FIXTURES;

using Kind = Fixture::Mark::Kind;

void read_marks(Fixture &fixture, const std::string &file, const std::string &text, unsigned line) {
  static const std::regex mark(R"((expect|evidence|misses|wrongly)(@[+-]\d+)?: *([^/]*))");
  static const std::regex item(R"((?:([a-z-]+) +)?(RF\d+))");
  std::smatch match;
  if (!std::regex_search(text, match, mark))
    return;
  const std::string word = match[1];
  const Kind kind = word == "expect"     ? Kind::expect
                    : word == "evidence" ? Kind::evidence
                    : word == "misses"   ? Kind::misses
                                         : Kind::wrongly;
  const int offset = match[2].matched ? std::stoi(match[2].str().substr(1)) : 0;
  const std::string items = match[3];
  for (std::sregex_iterator i(items.begin(), items.end(), item), end; i != end; ++i)
    fixture.marks.push_back({kind, file, static_cast<unsigned>(static_cast<int>(line) + offset), (*i)[1], (*i)[2]});
}

void read_line(Fixture &fixture, const std::string &file, const std::string &line, unsigned number) {
  for (std::size_t at = line.find("// "); at != std::string::npos; at = line.find("// ", at + 3)) {
    const std::string comment = line.substr(at + 3);
    if (comment.starts_with("flags: ")) {
      std::istringstream words(comment.substr(7));
      for (std::string word; words >> word;)
        fixture.flags.push_back(word);
    } else if (comment.starts_with("expect-none")) {
      fixture.expects_none = true;
    } else {
      read_marks(fixture, file, comment, number);
    }
  }
}

std::string code_of(const std::string &rule) { return rule.substr(0, rule.find(' ')); }

// "object-cache RF103" or "RF301".
std::string said(const std::string &verdict, const std::string &code) {
  return verdict.empty() ? code : verdict + " " + code;
}

void read_file(Fixture &fixture, const fs::path &path) {
  std::ifstream file(path);
  unsigned number = 0;
  for (std::string line; std::getline(file, line);)
    read_line(fixture, path.filename().string(), line, ++number);
}

struct Found {
  std::string file;
  unsigned line;
  std::string verdict, code;
  bool operator==(const Found &) const = default;
};

// Verdicts of the objects, and findings of the checks.
std::vector<Found> found_in(const Report &report) {
  std::vector<Found> all;
  for (const ReportedObject &object : report.objects)
    if (object.origin != CodeOrigin::header)
      all.push_back({object.place.file, object.place.line, object.verdict, code_of(object.rule)});
  for (const Finding &finding : report.findings)
    all.push_back({finding.place.file, finding.place.line, "", code_of(finding.rule)});
  return all;
}

bool has_evidence(const Report &report, const Fixture::Mark &mark) {
  const auto shows = [&](const std::string &rule, const std::vector<Evidence> &evidence) {
    return code_of(rule) == mark.code && std::any_of(evidence.begin(), evidence.end(), [&](const Evidence &fact) {
             return fact.place.line == mark.line && fact.place.file == mark.file;
           });
  };
  return std::any_of(report.objects.begin(), report.objects.end(),
                     [&](const ReportedObject &object) { return shows(object.rule, object.evidence); }) ||
         std::any_of(report.findings.begin(), report.findings.end(),
                     [&](const Finding &finding) { return shows(finding.rule, finding.evidence); });
}

// Removes the expectation from `found`; false where it is not there.
bool take(std::vector<Found> &found, const Fixture::Mark &mark) {
  const auto at = std::find(found.begin(), found.end(), Found{mark.file, mark.line, mark.verdict, mark.code});
  if (at == found.end())
    return false;
  found.erase(at);
  return true;
}

} // namespace

std::vector<Fixture> read_fixtures(const std::string &folder) {
  std::vector<Fixture> fixtures;
  for (const auto &entry : fs::directory_iterator(fixtures_root / folder)) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".c" && extension != ".cc")
      continue;
    Fixture fixture;
    fixture.name = entry.path().filename().string();
    fixture.path = entry.path().string();
    fixture.include_dir = (fixtures_root / "include").string();
    read_file(fixture, entry.path());
    read_file(fixture, fs::path(entry.path()).replace_extension(".h"));
    fixtures.push_back(std::move(fixture));
  }
  std::sort(fixtures.begin(), fixtures.end(), [](const Fixture &a, const Fixture &b) { return a.name < b.name; });
  return fixtures;
}

Report classify_fixture(const Fixture &fixture) {
  static const auto rules = load_rules(built_in_rule_texts());
  CompileUnit unit;
  unit.id = fixture.name;
  unit.file = fixture.path;
  unit.directory = fs::path(fixture.path).parent_path().string();
  unit.language = fixture.name.ends_with(".c") ? Language::c : Language::cxx;
  unit.arguments = {unit.language == Language::c ? "-std=c11" : "-std=c++17", "-isystem", RINGFENCE_PYTHON_INCLUDE,
                    "-isystem", fixture.include_dir};
  unit.arguments.insert(unit.arguments.end(), fixture.flags.begin(), fixture.flags.end());
  Linker linker(rules->tables);
  linker.add(extract(unit, {fs::canonical(unit.directory).string(), "", &rules->tables}));
  return classify(std::move(linker).link({}), *rules, {});
}

std::vector<std::string> differences(const Fixture &fixture, const Report &report) {
  std::vector<std::string> all;
  const auto complain = [&](const std::string &file, unsigned line, const std::string &what) {
    all.push_back(file + ":" + std::to_string(line) + ": " + what);
  };
  for (const ReportedUnit &unit : report.units)
    for (const ReportedDiagnostic &diagnostic : unit.diagnostics)
      if (diagnostic.severity != Severity::warning)
        complain(diagnostic.place.file, diagnostic.place.line, "does not compile: " + diagnostic.message);
  std::vector<Found> found = found_in(report);
  for (const Fixture::Mark &mark : fixture.marks) {
    const std::string what = said(mark.verdict, mark.code);
    if (mark.kind == Kind::evidence) {
      if (!has_evidence(report, mark))
        complain(mark.file, mark.line, "no evidence of " + mark.code + " points here");
    } else if (mark.kind == Kind::misses) {
      if (take(found, mark))
        complain(mark.file, mark.line, "is no longer missed, make it an expectation: " + what);
    } else if (!take(found, mark)) {
      complain(mark.file, mark.line,
               (mark.kind == Kind::wrongly ? "is no longer found wrongly: " : "expected, but not found: ") + what);
    }
  }
  if (!fixture.expects_none)
    for (const Found &more : found)
      complain(more.file, more.line, "found, but not expected: " + said(more.verdict, more.code));
  else if (const auto problems = problems_of(report, report.profiles, Risk::low); !problems.empty())
    complain(fixture.name, problems.front().place.line, "found where nothing should be: " + problems.front().rule);
  if (fixture.marks.empty() && !fixture.expects_none)
    complain(fixture.name, 1, "says nothing of what to expect");
  return all;
}

} // namespace ringfence
