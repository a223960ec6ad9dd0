#include <catch2/catch.hpp>

#include "extract_source.h"

namespace ringfence {

TEST_CASE("a tentative definition stands for the extern declarations before and after it") {
  const TuFacts facts = extract_source({"a.c",
                                        "#include \"a.h\"\n"
                                        "int before;\n"
                                        "int after;\n"
                                        "extern int after;\n"
                                        "int twice;\n"
                                        "int twice = 2;\n"
                                        "int f(void) { return elsewhere; }\n",
                                        {{"a.h", "extern int before;\nextern int elsewhere;\n"}},
                                        {}});
  CHECK(object(facts, "a.c:before").definition == Definition::tentative);
  CHECK(object(facts, "a.c:before").location.line == 2);
  CHECK(object(facts, "a.c:after").definition == Definition::tentative);
  CHECK(object(facts, "a.c:twice").definition == Definition::definition);
  CHECK(object(facts, "a.h:elsewhere").definition == Definition::declaration);
  CHECK_FALSE(has_object(facts, "a.h:before"));
}

TEST_CASE("a declaration that a unit does not refer to is an object where code that was not read names it") {
  const TuFacts facts =
      extract_source({"a.c",
                      "#include \"a.h\"\n"
                      "#ifdef ELSE\n"
                      "int f(void) { return named; }\n"
                      "#endif\n",
                      {{"a.h", "extern int named, unnamed;\nextern int named;\nextern const int constant;\n"}},
                      {}});
  REQUIRE(facts.unread_names.size() == 1);
  CHECK(facts.objects[facts.unread_names[0].object].id == "a.h:named");
  CHECK(facts.unread_names[0].location.line == 3);
  CHECK_FALSE(has_object(facts, "a.h:unnamed"));
  CHECK_FALSE(has_object(facts, "a.h:constant"));
}

} // namespace ringfence
