// Annotated fixtures: C and C++ sources whose comments say what ringfence must find in them.
//
//   // expect: object-cache RF103    on the line of an object: its verdict and rule
//   // expect: RF301                 on the line of a finding of a check rule
//   // expect@+1: ... or @-2         the same, of another line
//   // evidence: RF103               on a line that evidence of that rule points at
//   // misses: RF301                 a finding that should be there and is not: fails when the tool improves
//   // wrongly: object-cache RF103   one that is there and should not be: the same
//   // expect-none                   a file in which nothing is found
//   // flags: -DX=1                  more arguments for the compiler
// A header of the fixture's own has its name with .h, and marks too. Every object has a marker. Several expectations of
// one line are separated by commas.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/result.h"
#include "classify/rules/rule.h"
#include "report/report.h"

namespace ringfence {

struct Fixture {
  struct Mark {
    enum class Kind { expect, evidence, misses, wrongly };
    Kind kind = Kind::expect;
    std::string file; // bare name
    unsigned line = 0;
    std::string verdict; // empty for findings of check rules
    std::string code;
  };
  std::string name; // "RF103-cached-import.c"
  std::string path; // absolute
  std::vector<Mark> marks;
  std::vector<std::string> flags;
  bool expects_none = false;
};

// The fixture at this path, or those of a folder by name.
Result<std::vector<Fixture>> read_fixtures(const std::string &path, const FileSystem &files);

// Extracted, linked and classified by itself. `includes`: folders of Python's headers and of the fixtures' own.
Report classify_fixture(const Fixture &fixture, const RuleSet &rules, const std::vector<std::string> &includes);

// One sentence for each difference between the report and the marks; empty where they agree.
std::vector<std::string> differences(const Fixture &fixture, const Report &report);

} // namespace ringfence
