#include <catch2/catch.hpp>

#include "report/subject.h"

namespace ringfence {
namespace {

struct Row {
  Subject subject;
  std::string id, in_function;
};

const Row rows[] = {
    {{SubjectKind::object, "src/a.c", "", "cache"}, "src/a.c:cache", ""},
    {{SubjectKind::object, "src/a.c", "f", "cache"}, "src/a.c:f():cache", "f"},
    {{SubjectKind::object, "a.cc", "", "f()::Local::count"}, "a.cc:f()::Local::count", ""},
    {{SubjectKind::object, "a.cc", "operator()", "n#2"}, "a.cc:operator()():n#2", "operator()"},
    {{SubjectKind::object, "<include>/datetime.h", "", "PyDateTimeAPI"}, "<include>/datetime.h:PyDateTimeAPI", ""},
    {{SubjectKind::function, "a.cc", "", "ns::C::operator()"}, "a.cc:ns::C::operator()()", "ns::C::operator()"},
    {{SubjectKind::call, "a.c", "", "PyList_New"}, "a.c:():PyList_New", ""},
    {{SubjectKind::allowance, "a.c", "", "RF103 made once: see docs"}, "a.c:allow RF103 made once: see docs", ""},
    {{SubjectKind::unit, "", "", "src/a.c"}, "src/a.c", ""},
    {generator_subject("cython", "static-pyobject"), "<cython>/static-pyobject", ""},
};

} // namespace

TEST_CASE("a subject's id says its parts, and gives them back") {
  for (const Row &row : rows) {
    INFO(row.id);
    CHECK(row.subject.id() == row.id);
    CHECK(row.subject.in_function() == row.in_function);
    CHECK(subject_parts(row.id) == row.subject);
  }
}

TEST_CASE("the id of a call in a function reads as that of the function's static") {
  CHECK(Subject{SubjectKind::call, "a.c", "f", "PyList_New"}.id() == "a.c:f():PyList_New");
  CHECK(subject_parts("a.c:f():PyList_New") == Subject{SubjectKind::object, "a.c", "f", "PyList_New"});
}

TEST_CASE("where the file is known, an id is taken apart there") {
  CHECK(subject_parts("a.cc:operator/():cache", "a.cc") == Subject{SubjectKind::object, "a.cc", "operator/", "cache"});
  CHECK(subject_parts("odd:name.c:x", "odd:name.c") == Subject{SubjectKind::object, "odd:name.c", "", "x"});
  CHECK(subject_parts("other.c:x", "a.c") == Subject{SubjectKind::object, "other.c", "", "x"});
}

TEST_CASE("subjects are ordered as their ids are") {
  const Subject x{SubjectKind::object, "a.c", "", "x"}, y{SubjectKind::object, "a.c", "f", "y"};
  CHECK(y < x); // "a.c:f():y" before "a.c:x"
}

} // namespace ringfence
