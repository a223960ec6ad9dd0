// The whole pipeline over a tree in memory.
#include <catch2/catch.hpp>

#include <algorithm>

#include "report/names.h"
#include "scan/analysis.h"
#include "scan/checked_fix.h"

namespace ringfence {
namespace {

const std::map<std::string, std::string> tree = {
    {"/t/pyproject.toml", "[project]\nrequires-python = \">=3.12\"\n"},
    {"/t/compile_commands.json", R"([{"directory":"/t","file":"a.c","arguments":["cc","-Iinclude","@args","-c","a.c"]},
                                     {"directory":"/t","file":"b.c","arguments":["cc","-c","b.c"]}])"},
    {"/t/args", "-DSIZE=4"},
    {"/t/include/shared.h", "extern int counter;\nint next(void);\n"},
    {"/t/a.c", "#include \"shared.h\"\nint counter;\nstatic int table[SIZE] = {1};\nint next(void) { return "
               "table[counter++]; }\n"},
    {"/t/b.c", "static int seen;\nint look(void) { return seen++; }\n"}};

AnalysisOptions options() {
  AnalysisOptions options;
  options.source.path = "/t";
  options.profiles.assign(all_profiles.begin(), all_profiles.end());
  return options;
}

// Counts the reads of regular files, and fails the n-th.
class FailingFiles final : public FileSystem {
public:
  explicit FailingFiles(int fail) : fail_(fail) {}

  Result<std::string> read(const std::string &path) const override {
    if (files_.type(path) == FileType::regular && ++reads == fail_)
      return fail("cannot read " + path + ": Input/output error");
    return files_.read(path);
  }
  FileType type(const std::string &path) const override { return files_.type(path); }
  Result<std::vector<DirectoryEntry>> list(const std::string &path) const override { return files_.list(path); }
  Result<std::string> real_path(const std::string &path) const override { return files_.real_path(path); }

  mutable int reads = 0;

private:
  const MemoryFileSystem files_{tree};
  const int fail_; // 0: none
};

struct Told : ScanObserver {
  void begin(std::size_t units) override { expected += units; }
  void done(const std::string &unit) override { units.push_back(unit); }
  void note(const std::string &text) override { notes.push_back(text); }
  std::size_t expected = 0;
  std::vector<std::string> units, notes;
};

std::vector<std::string> ids(const Report &report) {
  std::vector<std::string> result;
  for (const ReportedObject &object : report.objects)
    result.push_back(object.subject.id());
  return result;
}

} // namespace

TEST_CASE("a tree in memory is scanned as one on disk") {
  Told observer;
  const Result<Report> report = analyse(options(), MemoryFileSystem(tree), observer);
  REQUIRE(report);
  CHECK(exit_code_of(*report) == exit_clean);
  CHECK(ids(*report) == std::vector<std::string>{"a.c:counter", "a.c:table", "b.c:seen"});
  CHECK(observer.expected == 2);
  std::sort(observer.units.begin(), observer.units.end());
  CHECK(observer.units == std::vector<std::string>{"a.c", "b.c"});
  CHECK(observer.notes.empty());
}

TEST_CASE("a scan whose n-th read fails says that it is incomplete, for every n") {
  const FailingFiles whole(0);
  Told observer;
  CHECK(exit_code_of(analyse(options(), whole, observer)) == exit_clean);
  CHECK(whole.reads >= 6); // the database, its @args, two units, a header, pyproject.toml
  for (int n = 1; n <= whole.reads; ++n) {
    const FailingFiles files(n);
    INFO("read " << n << " of " << whole.reads);
    CHECK(exit_code_of(analyse(options(), files, observer)) == exit_incomplete);
  }
}

TEST_CASE("a fix is checked against a tree in memory") {
  const MemoryFileSystem files(tree);
  Told observer;
  const Result<LinkedTree> linked = link_tree(options(), files, observer);
  REQUIRE(linked);
  const Result<CheckedFix> checked = check_const_fix(*linked, report_of(*linked), 1, files, observer);
  REQUIRE(checked);
  CHECK(checked->fix.objects().size() == 1);
  CHECK(const_places(*checked) == std::map<std::string, std::vector<Place>>{{"a.c:table", {{"a.c", 3, 8}}}});
}

} // namespace ringfence
