// What build files define, read as text.
#include <catch2/catch.hpp>

#include "source/build_macros.h"

namespace ringfence {
namespace {

using Defined = std::map<std::string, std::string>;
using Names = std::set<std::string>;

BuildMacros macros_of(const std::string &file, const std::string &text) {
  return find_build_macros("/t", {file}, MemoryFileSystem(std::map<std::string, std::string>{{"/t/" + file, text}}));
}

} // namespace

TEST_CASE("define_macros of setup.py counts where it is written out in a call") {
  const BuildMacros plain = macros_of("setup.py", "Extension('spam', ['spam.c'],\n"
                                                  "  define_macros=[('FAST', '1'), (\"PLAIN\", None), ('SIZE', 4),\n"
                                                  "                 ('VERSION', version), ('NAME', '\"spam\"')])\n");
  CHECK(plain.defined == Defined{{"FAST", "1"}, {"NAME", "\"spam\""}, {"PLAIN", "1"}, {"SIZE", "4"}});
  const BuildMacros variable = macros_of("setup.py", "define_macros = [('LINUX', 1)]\nmacros.append(('WITH_X', 1))\n"
                                                     "Extension('a', define_macros=define_macros)\n");
  CHECK(variable.defined.empty());
  CHECK(variable.possible == Names{"LINUX", "WITH_X"});
}

TEST_CASE("definitions of CMake and meson count outside of conditions") {
  const BuildMacros cmake =
      macros_of("CMakeLists.txt", "add_definitions(-DONE -DTWO=2 -Wall)\n"
                                  "target_compile_definitions(spam PRIVATE THREE=3 \"${FOUR}\")\n"
                                  "if(UNIX)\n  add_compile_definitions(FIVE)\nendif()\nadd_compile_definitions(SIX)\n");
  CHECK(cmake.defined == Defined{{"ONE", "1"}, {"SIX", "1"}, {"THREE", "3"}, {"TWO", "2"}});
  CHECK(cmake.possible == Names{"FIVE"});
  const BuildMacros meson = macros_of("meson.build", "add_project_arguments('-DONE=1', '-Wall', language: 'c')\n"
                                                     "if have\n  c_args += ['-DTWO']\nendif\n");
  CHECK(meson.defined == Defined{{"ONE", "1"}});
  CHECK(meson.possible == Names{"TWO"});
}

TEST_CASE("the C++ standard is the newest that a build file asks for") {
  CHECK(macros_of("CMakeLists.txt", "target_compile_features(spam PRIVATE cxx_std_20)\n").cxx_standard == 20);
  CHECK(macros_of("CMakeLists.txt", "set(CMAKE_CXX_STANDARD 14)\nset_property(TARGET t PROPERTY CXX_STANDARD 23)\n")
            .cxx_standard == 23);
  CHECK(macros_of("meson.build", "project('spam', 'cpp', default_options: ['cpp_std=gnu++2a'])\n").cxx_standard == 20);
  CHECK(macros_of("setup.py", "extra_compile_args=['-std=c++17']\n").cxx_standard == 17);
  CHECK(macros_of("setup.py", "Pybind11Extension('spam', ['spam.cpp'], cxx_std=20)\n").cxx_standard == 20);
  for (const char *text :
       {"-std=c17", "-std=gnu11", "cxx_std", "CXX_STANDARD_REQUIRED ON", "cxx_std_2026", "-std=c++", "-std="})
    CHECK(macros_of("setup.py", text).cxx_standard == 0);
}

TEST_CASE("what a configure step finds is possible, on Linux") {
  const BuildMacros header = macros_of("config.h.in", "#undef HAVE_SASL\n#undef HAVE_WINDOWS_H\n#undef WITH_TLS\n");
  CHECK(header.possible == Names{"HAVE_SASL", "WITH_TLS"});
  CHECK(macros_of("setup.py", "x = ('Py_LIMITED_API', '0x03080000')\ny = ('NDEBUG', None)\n").possible.empty());
  CHECK(macros_of("tests/CMakeLists.txt", "add_definitions(-DTESTING)\n").defined.empty());
}

TEST_CASE("a build file that is cut short or hostile is read as far as it goes") {
  for (const char *text : {"define_macros", "define_macros=", "define_macros=[", "define_macros=[('A'", "((((\"", "'-D",
                           "add_definitions(", "add_definitions(-D", "(\"A\", "})
    for (const char *file : {"setup.py", "meson.build", "CMakeLists.txt"})
      CHECK(macros_of(file, text).defined.empty());
}

} // namespace ringfence
