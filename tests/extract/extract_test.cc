// The frame: units that parse, units that do not, and how files are named.
#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include "extract_source.h"
#include "source/unit_origin.h"

namespace ringfence {

TEST_CASE("a unit that parses is complete") {
  TuFacts facts = extract_c("#include <stddef.h>\nstatic int counter;\n");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(facts.diagnostics.empty());
  REQUIRE(!facts.files.empty());
  CHECK(facts.files[0].path == "a.c");
  CHECK(facts.files[0].project);
  CHECK(object(facts, "a.c:counter").location == Location{0, 2, 12});
}

TEST_CASE("a unit with errors is partial, and what could be read is read") {
  TuFacts facts = extract_c("#include \"missing.h\"\nint before;\nint broken = ;\nint after;\n");
  CHECK(facts.status == UnitStatus::partial);
  REQUIRE(facts.diagnostics.size() == 2);
  CHECK(facts.diagnostics[0].message == "'missing.h' file not found");
  CHECK(facts.diagnostics[1].location.line == 3);
  CHECK(has_object(facts, "a.c:before"));
  CHECK(has_object(facts, "a.c:after"));
}

TEST_CASE("a unit whose file is gone fails") {
  TuFacts facts = extract({"gone.c", "/nonexistent/gone.c", "/", {}, UnitOrigin::database, Language::c, ""}, {"/", ""});
  CHECK(facts.unit == "gone.c");
  CHECK(facts.status == UnitStatus::failed);
  CHECK(facts.diagnostics.size() == 1);
}

TEST_CASE("a header is named from the root, one from outside from its include folder") {
  TuFacts facts = extract_source({"src/a.c",
                                  "#include \"b.h\"\n#include <lib/c.h>\nint *use(void) { return &of_c; }\n",
                                  {{"include/b.h", "static int of_b;\n"}, {"../outside/lib/c.h", "static int of_c;\n"}},
                                  {"-Iinclude", "-I../outside"}});
  CHECK(facts.status == UnitStatus::complete);
  const Object &inside = object(facts, "include/b.h:of_b");
  CHECK(inside.in_header);
  CHECK(!inside.outside);
}

TEST_CASE("an inclusion without end stops") {
  TuFacts facts = extract_c("#include \"a.c\"\n#include \"a.c\"\nint x;\n");
  CHECK(facts.status == UnitStatus::partial);
}

// In a child process: what the abandoned parse held is lost for good, and LeakSanitizer would say so.
TEST_CASE("deep nesting does not end the program") {
  std::string deep = "int f(int x) { return ";
  for (int i = 0; i < 100000; ++i)
    deep += "-+";
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    bool named = extract_c(deep + "x; }\n").unit == "a.c";
    bool goes_on = extract_c("int x;\n").status == UnitStatus::complete;
    _exit(named && goes_on ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

} // namespace ringfence
