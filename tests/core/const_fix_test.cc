#include <catch2/catch.hpp>

#include "fix/const_fix.h"
#include "rewrite/edits.h"

namespace ringfence {
namespace {

// Two files; `a` is declared in both and read in use.c:2, `b` in use.c:3 only, `c` by a macro.
struct Tree {
  Program program;
  Report report;

  Tree() {
    program.files = {{"shared.h", true, ""}, {"use.c", true, ""}};
    for (const char *name : {"a", "b", "c"})
      add(name);
    program.const_points = {{0, {0, 1, 8}, true}, {0, {1, 1, 1}, true}, {1, {1, 3, 8}, true}, {2, {1, 4, 1}, false}};
    Access read;
    read.object = 0;
    read.location = {1, 2, 5};
    program.accesses = {read};
  }

  void add(const std::string &name) {
    Object object;
    object.id = "use.c:" + name;
    program.objects.push_back(object);
    ReportedObject reported;
    reported.subject = subject_parts(object.id);
    reported.verdict = "effectively-constant";
    report.objects.push_back(reported);
  }
};

using Ids = std::vector<std::string>;
const std::string use_c = "int a[] = {1};\nx = a[0];\nstatic char b;\n";

} // namespace

TEST_CASE("const goes into every declaration of an object, and not where a macro made it") {
  const Tree tree;
  const ConstFix fix(tree.program, tree.report);
  CHECK(fix.objects() == Ids{"use.c:a", "use.c:b"});
  CHECK(fix.apply("shared.h", "extern int a[];\n") == "extern const int a[];\n");
  CHECK(fix.apply("use.c", use_c) == "const int a[] = {1};\nx = a[0];\nstatic const char b;\n");
}

TEST_CASE("objects of other verdicts are left alone") {
  Tree tree;
  tree.report.objects[0].verdict = "mutable-state";
  CHECK(ConstFix(tree.program, tree.report).objects() == Ids{"use.c:b"});
}

TEST_CASE("an error drops the objects of its line, else of its file, else of what its unit reads, else all") {
  const Tree tree;
  ConstFix by_line(tree.program, tree.report);
  CHECK(by_line.reject({{{{"use.c", 2, 0}}, {}}}));
  CHECK(by_line.objects() == Ids{"use.c:b"});
  CHECK(by_line.files() == std::set<std::string>{"use.c"});
  ConstFix by_file(tree.program, tree.report);
  CHECK(by_file.reject({{{{"shared.h", 99, 0}}, {}}}));
  CHECK(by_file.objects() == Ids{"use.c:b"});
  ConstFix by_unit(tree.program, tree.report);
  CHECK(by_unit.reject({{{{"elsewhere.c", 1, 0}}, {"elsewhere.c", "shared.h"}}}));
  CHECK(by_unit.objects() == Ids{"use.c:b"});
  ConstFix by_nothing(tree.program, tree.report);
  CHECK(by_nothing.reject({{{{"elsewhere.c", 1, 0}}, {"elsewhere.c"}}}));
  CHECK(by_nothing.objects().empty());
  CHECK_FALSE(by_nothing.reject({{{{"elsewhere.c", 1, 0}}, {"elsewhere.c"}}}));
  ConstFix clean(tree.program, tree.report);
  CHECK_FALSE(clean.reject({}));
  CHECK(clean.objects().size() == 2);
}

TEST_CASE("edits beyond the end of a file that has shrunk are kept inside it") {
  const Tree tree;
  CHECK(ConstFix(tree.program, tree.report).apply("use.c", "x") == "const xconst ");
}

TEST_CASE("a unified diff has three lines of context and joins hunks that touch") {
  CHECK(unified_diff("f", "a\nb\n", "a\nb\n").empty());
  CHECK(unified_diff("f", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nX\n6\n") ==
        "--- a/f\n+++ b/f\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+X\n 6\n");
  const std::string two = unified_diff("f", "a\n2\n3\n4\n5\n6\nb\n", "A\n2\n3\n4\n5\n6\nB\n");
  CHECK(std::count(two.begin(), two.end(), '@') == 4);
}

} // namespace ringfence
