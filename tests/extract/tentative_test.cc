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
                                        "int twice = 2;\n",
                                        {{"a.h", "extern int before;\nextern int elsewhere;\n"}},
                                        {}});
  CHECK(object(facts, "a.c:before").definition == Definition::tentative);
  CHECK(object(facts, "a.c:before").location.line == 2);
  CHECK(object(facts, "a.c:after").definition == Definition::tentative);
  CHECK(object(facts, "a.c:twice").definition == Definition::definition);
  CHECK(object(facts, "a.h:elsewhere").definition == Definition::declaration);
  CHECK_FALSE(has_object(facts, "a.h:before"));
}

} // namespace ringfence
