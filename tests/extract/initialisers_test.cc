// What initialisers lead to.
#include <catch2/catch.hpp>

#include "extract_source.h"

namespace ringfence {

namespace {

using Kind = InitialiserEntry::Kind;

std::vector<InitialiserEntry> entries_of(const TuFacts &facts, const std::string &id) {
  const Object &of = object(facts, id);
  std::vector<InitialiserEntry> found;
  for (const InitialiserEntry &entry : facts.initialisers)
    if (&facts.objects[entry.object] == &of)
      found.push_back(entry);
  return found;
}

// "path=target" of each entry.
std::vector<std::string> texts_of(const TuFacts &facts, const std::string &id) {
  std::vector<std::string> texts;
  for (const InitialiserEntry &entry : entries_of(facts, id)) {
    std::string value = entry.kind == Kind::function  ? facts.functions[entry.target].name + "()"
                        : entry.kind == Kind::object  ? facts.objects[entry.target].name
                        : entry.kind == Kind::integer ? std::to_string(entry.integer)
                                                      : '"' + entry.string + '"';
    texts.push_back(entry.path + "=" + value);
  }
  return texts;
}

using Texts = std::vector<std::string>;

const char *const api = R"(
typedef struct _object PyObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef struct { const char *ml_name; PyCFunction ml_meth; int ml_flags; const char *ml_doc; } PyMethodDef;
typedef struct { int slot; void *value; } PyModuleDef_Slot;
typedef struct { const char *m_name; long m_size; PyMethodDef *m_methods; PyModuleDef_Slot *m_slots; } PyModuleDef;
)";

} // namespace

TEST_CASE("method tables, slots and module definitions") {
  TuFacts facts = extract_c(std::string(api) + R"(
static PyObject *f(PyObject *a, PyObject *b) { return a; }
static PyObject *g(PyObject *a) { return a; }
static int exec(PyObject *m) { return 0; }
static PyMethodDef methods[] = {{"f", f, 1, 0}, {"g", (PyCFunction)(void (*)(void))g, 2 | 4}, {0}};
static PyModuleDef_Slot slots[] = {{2, exec}, {3, ((void *)2)}, {4, (void *)1}, {0, 0}};
static PyModuleDef def = {.m_slots = slots, .m_name = "pkg.mod", .m_size = -1, .m_methods = methods};
)");
  CHECK(facts.diagnostics.empty());
  CHECK(texts_of(facts, "a.c:methods") == Texts{"[0].ml_name=\"f\"", "[0].ml_meth=f()", "[0].ml_flags=1",
                                                "[1].ml_name=\"g\"", "[1].ml_meth=g()", "[1].ml_flags=6"});
  CHECK(texts_of(facts, "a.c:slots") == Texts{"[0].slot=2", "[0].value=exec()", "[1].slot=3", "[1].value=2",
                                              "[2].slot=4", "[2].value=1", "[3].slot=0"});
  CHECK(texts_of(facts, "a.c:def") ==
        Texts{".m_name=\"pkg.mod\"", ".m_size=-1", ".m_methods=methods", ".m_slots=slots"});
  CHECK(entries_of(facts, "a.c:methods")[1].location.line == 11);
}

TEST_CASE("addresses in every shape, values of plain records left out") {
  TuFacts facts = extract_c(R"(
int target, array[4];
struct pair { int first, second; } pair;
void f(void);
int *whole = &target, *element = &array[2], *member = &pair.second, *decayed = array + 1;
void *cast = (void *)&target;
unsigned long number = (unsigned long)&target;
void (*call)(void) = f, (*pointed)(void) = &f;
struct { int n; struct { void (*call)(void); const char *name; } in[2]; } nested = {1, {[1] = {f, "text"}}};
union { int n; int *p; } choice = {.p = &target};
int *chosen = 1 ? &target : array;
struct { struct { int *inner; }; } unnamed = {{&target}};
static int *chain[] = {&target, 0, &array[1]};
)");
  CHECK(facts.diagnostics.empty());
  CHECK(texts_of(facts, "a.c:whole") == Texts{"=target"});
  CHECK(texts_of(facts, "a.c:element") == Texts{"=array"});
  CHECK(texts_of(facts, "a.c:member") == Texts{"=pair"});
  CHECK(texts_of(facts, "a.c:decayed") == Texts{"=array"});
  CHECK(texts_of(facts, "a.c:cast") == Texts{"=target"});
  CHECK(texts_of(facts, "a.c:number") == Texts{"=target"});
  CHECK(texts_of(facts, "a.c:call") == Texts{"=f()"});
  CHECK(texts_of(facts, "a.c:pointed") == Texts{"=f()"});
  CHECK(texts_of(facts, "a.c:nested") == Texts{".in[1].call=f()"});
  CHECK(texts_of(facts, "a.c:choice") == Texts{".p=target"});
  CHECK(texts_of(facts, "a.c:chosen") == Texts{"=target", "=array"});
  CHECK(texts_of(facts, "a.c:unnamed") == Texts{".inner=target"});
  CHECK(texts_of(facts, "a.c:chain") == Texts{"[0]=target", "[2]=array"});
}

TEST_CASE("compound literals at file scope are objects with initialisers of their own") {
  TuFacts facts = extract_c("int target;\nint **table = (int *[]){&target, 0};\n");
  CHECK(texts_of(facts, "a.c:table") == Texts{"=(compound literal of table)"});
  CHECK(texts_of(facts, "a.c:(compound literal of table)") == Texts{"[0]=target"});
  CHECK(object(facts, "a.c:(compound literal of table)").storage == Storage::compound_literal);
}

TEST_CASE("C++: lambdas, references, copies and dynamic values") {
  TuFacts facts = extract_cxx(R"(
int target;
int copy = target;
int &reference = target;
void (*call)() = [] {};
struct Entry { const char *name; void (*call)(); };
static Entry table[] = {{"a", +[] {}}};
struct Base { int *p; };
struct Derived : Base { int *q; };
Derived derived = {{&target}, &copy};
)");
  CHECK(facts.diagnostics.empty());
  CHECK(texts_of(facts, "a.cc:copy").empty());
  CHECK(object(facts, "a.cc:copy").initialiser == Initialiser::dynamic);
  CHECK(texts_of(facts, "a.cc:reference") == Texts{"=target"});
  REQUIRE(entries_of(facts, "a.cc:call").size() == 1);
  CHECK(facts.functions[entries_of(facts, "a.cc:call")[0].target].id == "a.cc:(lambda #1)");
  REQUIRE(entries_of(facts, "a.cc:table").size() == 1);
  CHECK(entries_of(facts, "a.cc:table")[0].path == "[0].call");
  CHECK(texts_of(facts, "a.cc:derived") == Texts{".p=target", ".q=copy"});
}

} // namespace ringfence
