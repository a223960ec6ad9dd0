// Branches that are skipped, and comments that allow a finding.
#include <catch2/catch.hpp>

#include <algorithm>

#include "extract_source.h"

namespace ringfence {

namespace {

using Texts = std::vector<std::string>;

// "name if condition" of each.
Texts inactive_of(const TuFacts &facts) {
  Texts texts;
  for (const Inactive &inactive : facts.inactive)
    texts.push_back(inactive.name + " if " + inactive.condition);
  return texts;
}

} // namespace

TEST_CASE("objects of skipped branches, at file scope and in functions") {
  TuFacts facts = extract_c(R"(
#ifdef MS_WINDOWS
static HANDLE event, *others[3] = {0, f(1, 2)};
DWORD WINAPI worker(LPVOID arg) { static int calls = 0; int local; calls++; return calls; }
extern int declared;
typedef int number;
struct point { int x; };
static struct { int a; } record = {1}, second;
BOOL (*hook)(int, int);
void prototype(int);
PyDoc_STRVAR(doc, "text; int no;");
const char *names[] = {"a", "b"};
#endif
static void g(void) {
#ifdef DEBUG
  static int debugged; int not_this;
  g();
#endif
}
struct fields {
#ifdef EXTRA
  int not_an_object;
#endif
  int x;
};
int table[] = {
#ifdef EXTRA
  1, 2,
#endif
  3 };
)");
  CHECK(facts.diagnostics.empty());
  const std::string windows = " if defined(MS_WINDOWS)";
  CHECK(inactive_of(facts) == Texts{"event" + windows, "others" + windows, "calls" + windows, "record" + windows,
                                    "second" + windows, "hook" + windows, "names" + windows,
                                    "debugged if defined(DEBUG)"});
  CHECK(facts.inactive[0].location == Location{0, 3, 15});
}

TEST_CASE("claims in skipped branches, in functions and in initialisers") {
  TuFacts facts = extract_c(R"(
struct slot { int id; void *value; } slots[] = {
#ifdef Py_mod_multiple_interpreters
  {Py_mod_multiple_interpreters, 0}, // Py_mod_gil
#endif
  {0, 0} };
#if 0
#define Py_mod_gil 4
#endif
void init(void) {
#ifdef Py_GIL_DISABLED
  PyUnstable_Module_SetGIL(0, 0);
#endif
}
)");
  CHECK(facts.diagnostics.empty());
  CHECK(inactive_of(facts) == Texts{"Py_mod_multiple_interpreters if defined(Py_mod_multiple_interpreters)",
                                    "Py_mod_gil if defined(Py_GIL_DISABLED)"});
}

TEST_CASE("conditions of nested, alternative and enclosing branches") {
  TuFacts facts = extract_source({"a.c",
                                  "#include \"h.h\"\n",
                                  {{"h.h", R"(#ifndef H_H
#define H_H
#if 1 /* always */
#  ifdef A
int of_a;
#  elif B > \
   2 && defined(C)
int of_b;
#  else
int active;
#    if X || Y
int of_x_or_y;
#    endif
#  endif
#else
int of_else;
#endif
#endif
)"}},
                                  {}});
  CHECK(facts.diagnostics.empty());
  CHECK(inactive_of(facts) == Texts{"of_a if 1 && defined(A)", "of_b if 1 && !defined(A) && B > 2 && defined(C)",
                                    "of_x_or_y if 1 && !defined(A) && !(B > 2 && defined(C)) && (X || Y)",
                                    "of_else if !(1)"});
  CHECK(facts.files[facts.inactive[0].location.file].path == "h.h");
  CHECK(has_object(facts, "h.h:active"));
}

TEST_CASE("skipped text that is no C harms nothing") {
  TuFacts facts =
      extract_c("#if 0\nDon't \"do this } } ) ] ;;; = , ( { [\n#else\n#elif\n#endif\n/* int x; */\nint y;\n#endif\n"
                "int after;\n#if 0\nint last");
  CHECK(has_object(facts, "a.c:after"));
}

TEST_CASE("comments and attributes allow a finding on a line") {
  TuFacts facts = extract_c(R"(static int a; // ringfence: allow RF110 set once by main
// ringfence: allow static-type
/* another comment */
#define X

static int b;
/* ringfence: allow RF101 kept alive */ static int c;
// ringfence: disallow RF1
// ringfence:allow
__attribute__((annotate("ringfence: allow RF111 counts only"))) static int d;
)");
  CHECK(facts.diagnostics.empty());
  REQUIRE(facts.allowances.size() == 4);
  auto by_rule = [&](const std::string &rule) {
    for (const Allowance &allowance : facts.allowances)
      if (allowance.rule == rule)
        return allowance;
    return Allowance{};
  };
  CHECK(by_rule("RF110") == Allowance{"RF110", "set once by main", {0, 1, 15}, 1, 1, none});
  CHECK(by_rule("static-type") == Allowance{"static-type", "", {0, 2, 1}, 6, 6, none});
  CHECK(by_rule("RF101").reason == "kept alive");
  CHECK(by_rule("RF101").line == 7);
  CHECK(by_rule("RF111").reason == "counts only");
  CHECK(by_rule("RF111").line == 10);
  CHECK(facts.objects[by_rule("RF111").object].name == "d");
}

TEST_CASE("attributes of declarations without objects allow, too, but for those of prototypes") {
  TuFacts facts = extract_c(R"(#define allow(rule) __attribute__((annotate("ringfence: allow " rule " because")))
struct allow("RF1") record { int member; };
struct around { struct { int field allow("RF2"); } inner; };
enum { one allow("RF3") };
typedef int name allow("RF4");
int f(int parameter allow("RF5"));
int g(void) allow("RF6");
struct plain { struct { int field; }; enum { two } kind; };
typedef struct plain plain;
int h(plain *);
)");
  CHECK(facts.diagnostics.empty());
  Texts found;
  for (const Allowance &allowance : facts.allowances)
    found.push_back(allowance.rule + " " + std::to_string(allowance.line));
  CHECK(found == Texts{"RF1 2", "RF2 3", "RF3 4", "RF4 5", "RF5 6"});
}

TEST_CASE("an allowance speaks of a whole declaration and of several rules") {
  TuFacts facts = extract_c(R"(// ringfence: allow RF1 above
static int *
a;
static int * // ringfence: allow RF2 after a part of it
b;
static int c, // ringfence: allow RF3 of c alone
  d;
// ringfence: allow RF4,RF5: a list
int f(int x,
      int y)
{
  for (int i = 0; i < x; i++) // ringfence: allow RF6 of the loop
    y++;
  return y;
}
// ringfence: allow RF7 nothing follows
)");
  CHECK(facts.diagnostics.empty());
  std::vector<std::string> said;
  for (const Allowance &each : facts.allowances)
    said.push_back(each.rule + " " + each.reason + " " + std::to_string(each.line) + "-" +
                   std::to_string(each.last_line));
  CHECK(said == Texts{"RF1 above 2-3", "RF2 after a part of it 4-5", "RF3 of c alone 6-6", "RF4 a list 9-11",
                      "RF5 a list 9-11", "RF6 of the loop 12-13", "RF7 nothing follows 0-0"});
}

TEST_CASE("objects that unread text names are listed") {
  const TuFacts facts =
      extract_c("static int set_elsewhere, said, wrong, counted;\n"
                "int local(void) { static int set_elsewhere_too, n; return n; }\n"
                "#ifdef OTHER\n"
                "/* said */ void set(int n) { set_elsewhere = n; set_elsewhere_too = n; }\n"
                "const char *text = \"said\";\n"
                "#endif\n"
                "int use(void) { undeclared(&wrong, Missing); return set_elsewhere + said + counted; }\n");
  std::vector<std::pair<std::string, std::uint32_t>> named;
  for (const UnreadName &name : facts.unread_names)
    named.emplace_back(facts.objects[name.object].name, name.location.line);
  std::sort(named.begin(), named.end());
  CHECK(named == std::vector<std::pair<std::string, std::uint32_t>>{{"set_elsewhere", 4}, {"wrong", 7}});
}

} // namespace ringfence
