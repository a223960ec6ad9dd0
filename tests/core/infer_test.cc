#include <catch2/catch.hpp>

#include "base/text.h"
#include "source/includes.h"
#include "source/infer.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

using Words = std::vector<std::string>;

const Result<PythonInstallation> python =
    PythonInstallation{"/usr/bin/python3", "3.11", {"/usr/include/python3.11"}, {"/usr/lib/python3/dist-packages"}};

Inferred infer(const std::map<std::string, std::string> &content,
               const Result<PythonInstallation> &installation = python) {
  const MemoryFileSystem files(content);
  const std::string root = "/t";
  const TreeFiles tree = walk_tree(root, files);
  return infer_units(root, tree, {tree.sources.begin(), tree.sources.end()}, installation, files);
}

std::string arguments_of(const Inferred &inferred, const std::string &file) {
  for (const CompileUnit &unit : inferred.units)
    if (unit.file == file)
      return join(unit.arguments, " ");
  return "(no unit)";
}

} // namespace

TEST_CASE("include lines are read with any spacing and without computed names") {
  CHECK(include_lines("#include <a.h>\n  #  include \"b/c.h\" // x\n#include MACRO\n#includes\nint x;\n#include "
                      "\"open\n#include <>") == std::vector<IncludeLine>{{"a.h", true}, {"b/c.h", false}});
  CHECK(include_lines("").empty());
}

TEST_CASE("search paths come from what the file and its headers include") {
  const Inferred inferred =
      infer({{"/t/src/a.c", "#include <Python.h>\n#include \"deep/x.h\"\n#include \"beside.h\"\n"},
             {"/t/src/beside.h", "#include <pub/p.h>\n"},
             {"/t/lib/deep/x.h", ""},
             {"/t/include/pub/p.h", ""},
             {"/t/other/unused.h", ""},
             {"/usr/include/python3.11/Python.h", ""}});
  CHECK(arguments_of(inferred, "/t/src/a.c") == "-x c -iquote /t/lib -I/t/include -I/usr/include/python3.11");
  CHECK(inferred.units.at(0).origin == UnitOrigin::inferred);
  CHECK(inferred.units.at(0).directory == "/t");
}

TEST_CASE("the tree's own headers win over installed ones of the same name") {
  const Inferred inferred = infer({{"/t/src/seek.c", "#include <search.h>\n"},
                                   {"/t/include/search.h", ""},
                                   {"/usr/include/search.h", ""},
                                   {"/usr/include/python3.11/Python.h", ""}});
  CHECK(arguments_of(inferred, "/t/src/seek.c") == "-x c -I/t/include -I/usr/include/python3.11");
  CHECK(join(inferred.notes, "\n").find("the tree's own headers, not the installed ones of the same name: search.h") !=
        std::string::npos);
}

TEST_CASE("headers that stand in for the system's, or are for another, are searched last") {
  const Inferred inferred = infer(
      {{"/t/a.c", "#include <stdint.h>\n#include <unusual.h>\n"}, {"/t/msvc/unusual.h", ""}, {"/t/old/stdint.h", ""}});
  CHECK(arguments_of(inferred, "/t/a.c") == "-x c -I/usr/include/python3.11 -idirafter /t/msvc -idirafter /t/old");
}

TEST_CASE("macros that the build files define are defined") {
  const Inferred inferred = infer({{"/t/a.c", ""}, {"/t/setup.py", "Extension(define_macros=[('FAST', '2')])\n"}});
  CHECK(arguments_of(inferred, "/t/a.c") == "-x c -I/usr/include/python3.11 -DFAST=2");
  CHECK(join(inferred.notes, "\n").find("macros that its build files define: FAST=2") != std::string::npos);
}

TEST_CASE("a newer C++ standard than Clang's own is taken from the build files, for C++ alone") {
  const Inferred inferred = infer(
      {{"/t/a.cpp", ""}, {"/t/b.c", ""}, {"/t/CMakeLists.txt", "target_compile_features(a PUBLIC cxx_std_20)\n"}});
  CHECK(arguments_of(inferred, "/t/a.cpp") == "-x c++ -I/usr/include/python3.11 -std=gnu++20");
  CHECK(arguments_of(inferred, "/t/b.c") == "-x c -I/usr/include/python3.11");
  CHECK(join(inferred.notes, "\n").find("the C++ standard that its build files ask for: C++20") != std::string::npos);
  CHECK(arguments_of(infer({{"/t/a.cpp", ""}, {"/t/setup.py", "'-std=c++11'"}}), "/t/a.cpp") ==
        "-x c++ -I/usr/include/python3.11");
}

TEST_CASE("Cython's sources without their C are counted") {
  const MemoryFileSystem files(std::map<std::string, std::string>{
      {"/t/a.pyx", ""}, {"/t/b.pyx", ""}, {"/t/b.c", ""}, {"/t/c.pyx", ""}, {"/t/c.cpp", ""}});
  CHECK(walk_tree("/t", files).cython == 1);
}

TEST_CASE("of several headers of a name the nearest is meant") {
  const Inferred inferred =
      infer({{"/t/one/src/a.c", "#include \"config.h\"\n"}, {"/t/one/inc/config.h", ""}, {"/t/two/inc/config.h", ""}});
  CHECK(arguments_of(inferred, "/t/one/src/a.c").find("-iquote /t/one/inc ") != std::string::npos);
}

TEST_CASE("a source that another includes is no unit of its own") {
  const Inferred inferred = infer({{"/t/main.c", "#include \"part.c\"\n"}, {"/t/part.c", ""}});
  CHECK(inferred.units.size() == 1);
  CHECK(arguments_of(inferred, "/t/part.c") == "(no unit)");
}

TEST_CASE("headers of packages and of libraries one level below the system's are found") {
  const Inferred inferred = infer(
      {{"/t/a.cpp", "#include <numpy/arrayobject.h>\n#include <libpq-fe.h>\n#include <stdio.h>\n#include <two.h>\n"},
       {"/usr/lib/python3/dist-packages/numpy/core/include/numpy/arrayobject.h", ""},
       {"/usr/include/postgresql/libpq-fe.h", ""},
       {"/usr/include/stdio.h", ""},
       {"/usr/include/p/stdio.h", ""},
       {"/usr/include/p/two.h", ""},
       {"/usr/include/q/two.h", ""}});
  CHECK(arguments_of(inferred, "/t/a.cpp") == "-x c++ -I/usr/include/python3.11 -idirafter /usr/include/postgresql "
                                              "-idirafter /usr/lib/python3/dist-packages/numpy/core/include");
}

TEST_CASE("CPython is compiled as its makefile does") {
  const Inferred inferred = infer({{"/t/Include/Python.h", ""},
                                   {"/t/Include/internal/pycore_x.h", ""},
                                   {"/t/Python/ceval.c", "#include \"Python.h\"\n"},
                                   {"/t/Modules/m.c", ""},
                                   {"/t/Modules/l.c", "#define Py_LIMITED_API 0x030d0000\n"}});
  const std::string folders = " -I/t -I/t/Include -I/t/Include/internal";
  CHECK(arguments_of(inferred, "/t/Python/ceval.c") ==
        "-x c -DPy_BUILD_CORE" + folders + " -iquote /t/Include -idirafter /usr/include/python3.11");
  CHECK(arguments_of(inferred, "/t/Modules/m.c") ==
        "-x c -DPy_BUILD_CORE_BUILTIN" + folders + " -idirafter /usr/include/python3.11");
  CHECK(arguments_of(inferred, "/t/Modules/l.c") == "-x c" + folders + " -idirafter /usr/include/python3.11");
}

TEST_CASE("without Python's headers the units stay and a note says so") {
  const Inferred inferred = infer({{"/t/a.c", ""}}, fail("found no python3"));
  CHECK(arguments_of(inferred, "/t/a.c") == "-x c");
  CHECK(join(inferred.notes, "\n").find("no headers of Python: found no python3") != std::string::npos);
}

} // namespace ringfence
