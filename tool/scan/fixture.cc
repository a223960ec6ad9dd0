#include "scan/fixture.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/path.h"
#include "base/text.h"
#include "classify/classify.h"
#include "extract/extract.h"
#include "link/link.h"
#include "report/problem.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

using Kind = Fixture::Mark::Kind;

constexpr std::pair<std::string_view, Kind> mark_words[] = {
    {"expect", Kind::expect}, {"evidence", Kind::evidence}, {"misses", Kind::misses}, {"wrongly", Kind::wrongly}};

// What stands behind a mark's word: "@+1: object-cache RF103". Nothing where it is no mark after all.
struct Mention {
  int offset = 0; // of the line that it speaks of
  std::string_view items;
};

std::optional<Mention> mention_in(std::string_view text) {
  Mention mention;
  if (text.starts_with("@+") || text.starts_with("@-")) {
    const char *const first = text.data() + 2;
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), mention.offset);
    if (error != std::errc())
      return std::nullopt;
    mention.offset *= text[1] == '-' ? -1 : 1;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  if (!text.starts_with(':'))
    return std::nullopt;
  mention.items = text.substr(1, text.find('/') - 1);
  return mention;
}

bool is_code(std::string_view word) {
  return word.size() > 2 && word.starts_with("RF") && std::ranges::all_of(word.substr(2), is_digit);
}

// "object-cache RF103, RF301": each code with the verdict before it, if there is one.
void add_marks(Fixture &fixture, Fixture::Mark mark, std::string_view items) {
  for (const std::string_view item : split(items, ',')) {
    mark.verdict.clear();
    for (const std::string_view word : split(item, ' ')) {
      if (is_code(word)) {
        mark.code = word;
        fixture.marks.push_back(mark);
      }
      if (!word.empty())
        mark.verdict = is_code(word) ? std::string() : std::string(word);
    }
  }
}

void read_marks(Fixture &fixture, const std::string &file, std::string_view comment, unsigned line) {
  for (std::size_t at = 0; at < comment.size(); ++at)
    for (const auto &[word, kind] : mark_words) {
      if (!comment.substr(at).starts_with(word))
        continue;
      const std::optional<Mention> mention = mention_in(comment.substr(at + word.size()));
      if (!mention)
        continue;
      const int place = static_cast<int>(line) + mention->offset;
      return add_marks(fixture, {kind, file, static_cast<unsigned>(place), {}, {}}, mention->items);
    }
}

void read_line(Fixture &fixture, const std::string &file, std::string_view line, unsigned number) {
  constexpr std::string_view flags = "flags: ", none_expected = "expect-none";
  for (std::size_t at = line.find("// "); at != std::string_view::npos; at = line.find("// ", at + 3)) {
    const std::string_view comment = line.substr(at + 3);
    if (comment.starts_with(flags)) {
      for (const std::string_view word : split(comment.substr(flags.size()), ' '))
        if (!word.empty())
          fixture.flags.emplace_back(word);
    } else if (comment.starts_with(none_expected)) {
      fixture.expects_none = true;
    } else {
      read_marks(fixture, file, comment, number);
    }
  }
}

void read_text(Fixture &fixture, const std::string &file, const std::string &text) {
  unsigned number = 0;
  for (const std::string_view line : split(text, '\n'))
    read_line(fixture, file, line, ++number);
}

std::string code_of(const std::string &rule) { return rule.substr(0, rule.find(' ')); }

// "object-cache RF103" or "RF301".
std::string said(const std::string &verdict, const std::string &code) {
  return verdict.empty() ? code : verdict + " " + code;
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

// Of a fixture's flags those that only say how the code reads, as of a compile database's: none loads a plugin.
std::vector<std::string> allowed(const std::vector<std::string> &flags) {
  std::vector<std::string> words = {"cc"};
  words.insert(words.end(), flags.begin(), flags.end());
  CommandLine command = read_command_line(std::move(words));
  for (const std::string &standard : command.standards)
    command.kept.push_back("-std=" + standard);
  return command.kept;
}

bool is_c(std::string_view name) { return name.ends_with(".c"); }
bool is_fixture(std::string_view name) { return is_c(name) || name.ends_with(".cc"); }

Result<Fixture> read_fixture(const std::string &path, const FileSystem &files) {
  Fixture fixture;
  fixture.path = path;
  fixture.name = file_name(path);
  const auto text = files.read(path);
  if (!text)
    return fail(text.error().message);
  read_text(fixture, fixture.name, *text);
  const std::string header = path.substr(0, path.rfind('.')) + ".h";
  if (files.type(header) != FileType::regular)
    return fixture;
  const auto own = files.read(header);
  if (!own)
    return fail(own.error().message);
  read_text(fixture, std::string(file_name(header)), *own);
  return fixture;
}

} // namespace

Result<std::vector<Fixture>> read_fixtures(const std::string &path, const FileSystem &files) {
  const auto real = files.real_path(path);
  if (!real)
    return fail(real.error().message);
  std::vector<std::string> paths = {*real};
  if (files.type(*real) == FileType::directory) {
    paths.clear();
    const auto entries = files.list(*real);
    if (!entries)
      return fail(entries.error().message);
    for (const DirectoryEntry &entry : *entries)
      if (is_fixture(entry.name))
        paths.push_back(*real + "/" + entry.name);
  }
  std::vector<Fixture> fixtures;
  for (const std::string &each : paths) {
    auto fixture = read_fixture(each, files);
    if (!fixture)
      return fail(fixture.error().message);
    fixtures.push_back(std::move(*fixture));
  }
  return fixtures;
}

Report classify_fixture(const Fixture &fixture, const RuleSet &rules, const std::vector<std::string> &includes) {
  CompileUnit unit;
  unit.id = fixture.name;
  unit.file = fixture.path;
  unit.directory = parent_folder(fixture.path);
  unit.language = is_c(fixture.name) ? Language::c : Language::cxx;
  unit.arguments = {unit.language == Language::c ? "-std=c11" : "-std=c++17"};
  for (const std::string &folder : includes)
    unit.arguments.insert(unit.arguments.end(), {"-isystem", folder});
  const std::vector<std::string> flags = allowed(fixture.flags);
  unit.arguments.insert(unit.arguments.end(), flags.begin(), flags.end());
  Linker linker(rules.tables);
  linker.add(extract(unit, {unit.directory, "", &rules.tables}));
  return classify(std::move(linker).link({}), rules, {});
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
