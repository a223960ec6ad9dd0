// Text as items: what each brings and mentions, and which of them a condition on the GIL changes.
#include <catch2/catch.hpp>

#include <algorithm>

#include "extract/text/text_items.h"

namespace ringfence {
namespace {

// Of the GIL alone, in the simplest of forms.
Turn turn(std::string_view condition) {
  if (condition == "Py_GIL_DISABLED" || condition == "defined(Py_GIL_DISABLED)")
    return Turn::opens;
  return condition.find("Py_GIL_DISABLED") == std::string_view::npos ? Turn::stays : Turn::closes;
}

TextItems items(const std::string &text, bool cplusplus = false) { return text_items(text, cplusplus, turn); }

// "a(changed) b!": a name that each item brings, `!` where it is not idle; `-` where it brings none.
std::string shown(const TextItems &items) {
  std::string text;
  for (const TextItem &item : items.items)
    text += (text.empty() ? "" : " ") + (item.names.empty() ? "-" : item.names.front()) +
            (item.changed ? "(changed)" : "") + (item.idle ? "" : "!");
  return text;
}

} // namespace

TEST_CASE("static functions, prototypes and macros mean something only where they are mentioned") {
  const TextItems read = items("#define TWICE(x) ((x) + (x))\n"
                               "extern int shared;\n"
                               "int prototype(int (*callback)(void));\n"
                               "static inline int helper(int a)\n{\n  return TWICE(a) + shared;\n}\n"
                               "int exported(void) { return helper(1); }\n"
                               "static int counted(void) { static int calls; return ++calls; }\n"
                               "static int table[] = {1, 2};\n"
                               "struct box { int size; };\n");
  CHECK(read.understood);
  CHECK(shown(read) == "TWICE shared prototype helper -! counted! -! -!");
  CHECK(read.items[3].mentions ==
        std::vector<std::string>{"TWICE", "a", "inline", "int", "return", "shared", "static"});
  CHECK(read.items[3].first_line == 4);
  CHECK(read.items[3].last_line == 7);
}

TEST_CASE("what a condition encloses is changed, in all of its branches and in nothing around it") {
  const TextItems read = items("#ifdef Py_GIL_DISABLED\n#define LOCK() lock()\n#else\n#define LOCK()\n#endif\n"
                               "static int inside(int a)\n{\n#ifndef Py_GIL_DISABLED\n  ++a;\n#endif\n  return a;\n}\n"
                               "static int beside(int a) { return inside(a); }\n"
                               "#if X\nstatic int other(void) { return 1; }\n#endif\n");
  CHECK(read.understood);
  CHECK(shown(read) == "-! LOCK(changed) LOCK(changed) -! inside(changed) beside -! other");
}

TEST_CASE("an #error counts where the condition alone leads to it") {
  CHECK(shown(items("#ifdef Py_GIL_DISABLED\n#error no\n#endif\n")) == "-! -(changed)!");
  CHECK(shown(items("#if defined(FREE) && !defined(Py_GIL_DISABLED)\n#error no\n#endif\n")) == "-!");
}

TEST_CASE("a header that a branch includes counts, but for Python's own and those of the system") {
  CHECK(
      shown(items("#ifdef Py_GIL_DISABLED\n#include <stdatomic.h>\n#include \"internal/pycore_object.h\"\n#endif\n")) ==
      "-!");
  CHECK(shown(items("#ifdef Py_GIL_DISABLED\n#include \"locks.h\"\n#endif\n")) == "-! -(changed)!");
}

TEST_CASE("what only C++ sees opens no braces in C") {
  const std::string text = "#ifdef __cplusplus\nextern \"C\" {\n#endif\nstatic int one(void) { return 1; }\n"
                           "#ifdef __cplusplus\n}\n#endif\n";
  CHECK(items(text).understood);
  CHECK(shown(items(text)) == "-! one -!");
  CHECK_FALSE(items(text, true).understood);
  CHECK(shown(items("#define ONE 1\n", true)) == "ONE!");
}

TEST_CASE("branches that open different numbers of braces are not understood") {
  CHECK_FALSE(items("int f(int a) {\n#if X\n  if (a) {\n#endif\n  return 1;\n#if X\n  }\n#endif\n}\n").understood);
  CHECK(items("int f(int a) {\n#if X\n  if (a) {\n#else\n  {\n#endif\n  return 1; } }\n").understood);
  CHECK_FALSE(items("int f(int a) { {\n").understood);
}

} // namespace ringfence
