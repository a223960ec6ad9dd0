// Objects: each kind of storage, how it is named, and every shape in which C and C++ declare one.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

TEST_CASE("each object's fields in C") {
  TuFacts facts = extract_c(R"(static int a;
int b;
int c = 1;
extern int d;
static _Thread_local int t;
int f(void) { static int s = 3; { static int s; } extern int far; return s + far + d; }
const int zero = 0;
int renamed asm("other_name");
__attribute__((visibility("hidden"))) int hidden;
int b;
)");
  CHECK(facts.diagnostics.empty());
  const Object &a = object(facts, "a.c:a");
  CHECK(a.storage == Storage::file_static);
  CHECK_FALSE(a.external_linkage);
  CHECK(a.initialiser == Initialiser::none);
  CHECK(a.symbol == "a");
  const Object &b = object(facts, "a.c:b");
  CHECK(b.storage == Storage::external);
  CHECK(b.external_linkage);
  CHECK(b.definition == Definition::tentative);
  CHECK(object(facts, "a.c:c").definition == Definition::definition);
  CHECK(object(facts, "a.c:c").initialiser == Initialiser::constant);
  CHECK(object(facts, "a.c:d").definition == Definition::declaration);
  CHECK(object(facts, "a.c:far").definition == Definition::declaration);
  CHECK(object(facts, "a.c:t").thread_local_storage);
  const Object &s = object(facts, "a.c:f():s");
  CHECK(s.function == "f");
  CHECK(s.name == "s");
  CHECK(s.symbol == "f.s");
  CHECK(s.storage == Storage::function_static);
  CHECK(s.initialiser == Initialiser::constant);
  CHECK(object(facts, "a.c:f():s#2").initialiser == Initialiser::none);
  CHECK(object(facts, "a.c:zero").initialiser == Initialiser::zero);
  CHECK(object(facts, "a.c:renamed").symbol == "other_name");
  CHECK(object(facts, "a.c:hidden").hidden);
  CHECK(facts.objects.size() == 11);
}

TEST_CASE("objects that macros make are named after the outermost one") {
  TuFacts facts = extract_c(R"(
#define INNER(name) static const char name[] = #name
#define OUTER(name) INNER(name##_doc)
OUTER(f);
int g(void) {
#define CACHE(n) static int n##_cache
  CACHE(x);
  return x_cache;
}
)");
  CHECK(object(facts, "a.c:f_doc").macro == "OUTER");
  CHECK(object(facts, "a.c:f_doc").location == Location{0, 4, 1});
  CHECK(object(facts, "a.c:g():x_cache").macro == "CACHE");
}

TEST_CASE("objects of C++") {
  TuFacts facts = extract_cxx(R"(
struct Pair { int first, second; };
int make();
namespace ns {
namespace { int hidden; }
inline namespace v1 { int versioned; }
struct Class { static int member; static inline int inlined; static constexpr int constant = 1; };
int Class::member = make();
inline int variable;
template <class T> T pattern;
template <class T> struct Holder { static T held; static int plain; T f() { static T local; return local; } };
template <class T> T Holder<T>::held;
int use() { static int cached = make(); thread_local int mine; auto l = [] { static int in_lambda; return in_lambda; };
  return pattern<int> + pattern<char> + Holder<int>::held + Holder<long>::held + Holder<int>().f() + Holder<int>::plain + l() +
         cached + mine; }
}
static union { int one; int two; };
auto [left, right] = Pair{1, 2};
static auto from_lambda = [] { static int deep; return deep; }();
extern "C" { static int in_c; }
const int constant = 1;
)");
  CHECK(facts.diagnostics.empty());
  CHECK(object(facts, "a.cc:ns::hidden").storage == Storage::file_static);
  CHECK(has_object(facts, "a.cc:ns::versioned"));
  const Object &member = object(facts, "a.cc:ns::Class::member");
  CHECK(member.storage == Storage::class_static);
  CHECK(member.initialiser == Initialiser::dynamic);
  CHECK(member.symbol == "_ZN2ns5Class6memberE");
  CHECK(member.location.line == 8);
  CHECK(object(facts, "a.cc:ns::Class::inlined").storage == Storage::inline_variable);
  CHECK(object(facts, "a.cc:ns::Class::constant").type.deep_const);
  CHECK(object(facts, "a.cc:ns::variable").storage == Storage::inline_variable);
  CHECK(object(facts, "a.cc:ns::pattern").storage == Storage::template_static);
  CHECK(object(facts, "a.cc:ns::Holder::held").storage == Storage::template_static);
  CHECK(object(facts, "a.cc:ns::Holder::plain").storage == Storage::template_static);
  CHECK(object(facts, "a.cc:f():local").storage == Storage::template_static);
  CHECK_FALSE(has_object(facts, "a.cc:ns::pattern#2"));
  CHECK(object(facts, "a.cc:use():cached").initialiser == Initialiser::dynamic);
  CHECK(object(facts, "a.cc:use():cached").symbol == "_ZZN2ns3useEvE6cached");
  CHECK(object(facts, "a.cc:use():mine").thread_local_storage);
  CHECK(object(facts, "a.cc:use():in_lambda").storage == Storage::function_static);
  CHECK(has_object(facts, "a.cc:(anonymous union of one)"));
  CHECK(has_object(facts, "a.cc:[left, right]"));
  CHECK(has_object(facts, "a.cc:(lambda)():deep"));
  CHECK(has_object(facts, "a.cc:in_c"));
  CHECK(object(facts, "a.cc:constant").storage == Storage::file_static);
}

TEST_CASE("an outside header's objects are entered where they are used") {
  TuFacts facts =
      extract_source({"a.c",
                      "#include <lib.h>\nvoid *use(void) { return f() ? api : 0; }\n",
                      {{"../outside/lib.h", "static void *api;\nstatic int unused;\nextern int far;\n"
                                            "static inline int f(void) { static int inner; return ++inner; }\n"
                                            "static inline int g(void) { static int unused; return unused; }\n"}},
                      {"-isystem", "../outside"}});
  CHECK(facts.diagnostics.empty());
  const Object &api = object(facts, "<include>/lib.h:api");
  CHECK(api.outside);
  CHECK(api.in_header);
  CHECK(has_object(facts, "<include>/lib.h:unused")); // a definition that each unit gets
  CHECK_FALSE(has_object(facts, "<include>/lib.h:far"));
  CHECK(object(facts, "<include>/lib.h:f():inner").outside);
  CHECK(accesses_of(facts, "f") == Lines{"modify inner = expression"});
  CHECK_FALSE(has_object(facts, "<include>/lib.h:g():unused"));
}

TEST_CASE("what an outside header's function does to the header's own object is read where it is used") {
  TuFacts facts = extract_source({"a.c",
                                  "#include <lib.h>\nint f(void) { return import_api(); }\n",
                                  {{"../outside/lib.h", R"(
static void **api;
static void **other;
void **get(void);
static int import_api(void) { api = get(); return api != 0; }
static int unused(void) { other = get(); return 0; }
)"}},
                                  {"-isystem", "../outside"}});
  CHECK(facts.diagnostics.empty());
  CHECK(accesses_of(facts, "import_api") == Lines{"write api = call get", "read api"});
  CHECK(accesses_of(facts, "unused").empty());
}

TEST_CASE("a constexpr variable of a template has a constant initialiser in every instance") {
  TuFacts facts = extract_source({"a.cc",
                                  R"(
template <class T> constexpr unsigned size = sizeof(T);
template <class T> struct Box { static constexpr bool big = sizeof(T) > 4; };
unsigned use() { return size<int> + Box<long>::big; }
)",
                                  {},
                                  {"-std=c++17"}});
  CHECK(facts.diagnostics.empty());
  CHECK(object(facts, "a.cc:size").initialiser == Initialiser::constant);
  CHECK(object(facts, "a.cc:Box::big").initialiser == Initialiser::constant);
}

TEST_CASE("an outside header's objects of C++ are entered where they are instantiated") {
  TuFacts facts = extract_source(
      {"a.cc",
       "#include <lib.h>\nint use() { return lib::get<int>() + *lib::Box::cell() + lib::prime<int>(1); }\n",
       {{"../outside/lib.h", R"(
namespace lib {
template <class T> T &get() { static T held; return held; }
template <class T> T prime(int i) { static const T primes[] = {T(2), T(3), T(5)}; return primes[i]; }
template <class T> T &other() { static T unused; return unused; }
inline int shared = 1;
inline int unused = 1;
constexpr const char *constant = "c";
const int started = get<int>();
struct Box {
  static int *cell() { static int inner = shared; return &inner; }
  static inline int unused_member = 1;
};
}
)"}},
       {"-std=c++17", "-isystem", "../outside"}});
  CHECK(facts.diagnostics.empty());
  CHECK(object(facts, "<include>/lib.h:get():held").storage == Storage::template_static);
  CHECK(object(facts, "<include>/lib.h:cell():inner").storage == Storage::function_static);
  CHECK(object(facts, "<include>/lib.h:lib::shared").storage == Storage::inline_variable);
  CHECK(has_object(facts, "<include>/lib.h:lib::started")); // initialised by code, so that it is written
  CHECK(facts.objects.size() == 4);
}

// Each declares `x`; what stands after it must be found, too.
TEST_CASE("every shape of declaration in C") {
  const char *shapes[] = {
      "int x;",
      "static int x;",
      "int static x;",
      "const static int x = 0;",
      "int const x = 0;",
      "static int x, y;",
      "static int y, x;",
      "int *x;",
      "int *const x = 0;",
      "int **x, y;",
      "int x[3];",
      "int x[2][3];",
      "int *x[3];",
      "int (*x)[3];",
      "int (*x)(void);",
      "int (*x[2])(int, char *);",
      "int *(*x)(int (*)(void));",
      "int (*(*x)(void))(int);",
      "int (x);",
      "int ((*(x)));",
      "struct s { int a; } x;",
      "static struct { int a; } x;",
      "struct s; struct s *x;",
      "struct s { struct s *n; }; static struct s x = {&x};",
      "union { int a; float b; } x;",
      "enum { A, B } x;",
      "enum e { C }; enum e x = C;",
      "typedef int t; t x;",
      "typedef int a[3]; static a x;",
      "typedef int (*f)(void); f x[2];",
      "_Atomic int x;",
      "_Atomic(int) x;",
      "_Atomic int *x;",
      "_Alignas(16) int x;",
      "static _Alignas(double) char x[8];",
      "_Static_assert(1, \"\"); int x;",
      "_Thread_local int x;",
      "static __thread int x;",
      "extern _Thread_local int x; _Thread_local int x;",
      "__typeof__(int) x;",
      "int y; __typeof__(y) x;",
      "__typeof__(int *) x[2];",
      "_Complex double x;",
      "double _Complex x;",
      "_Bool x;",
      "unsigned long long int x;",
      "long unsigned x;",
      "volatile int x;",
      "int volatile *x;",
      "int *restrict x;",
      "__extension__ int x;",
      "__attribute__((unused)) static int x;",
      "static int __attribute__((unused)) x;",
      "static int x __attribute__((aligned(8))) = 1;",
      "int x __asm__(\"y\");",
      "int x asm(\"y\") __attribute__((unused));",
      "int x = sizeof(int[2]);",
      "int x[] = {1, 2, [5] = 3};",
      "struct { int a, b; } x = {.b = 1};",
      "char x[] = \"a;b{\";",
      "const char *x = \"a\" \";\";",
      "int y, *x = &y;",
      "int x = (1, 2) ? 0 : 1;",
      "static int *x = (int[]){1, 2};",
      "void f(void) {} static int x;",
      "void f(); int x;",
      "int f(a) int a; { return a; } int x;",
      "struct { union { int a; }; int : 3; } x;",
      "int x = 'a' == ';';",
      "#define M int\nM x;",
      "#define M(n) int n\nM(x);",
      "#define M(n) static struct { int v; } n##x\nM();",
      "#define M\nM static M int M x M;",
      "; ; int x;",
      "#pragma pack(1)\nint x;",
      "_Pragma(\"pack(1)\") int x;",
      "int /* ; */ x // y;\n;",
      "inline int f(void); int x;",
      "_Noreturn void f(void); int x;",
      "extern int x; int x = 1;",
      "int x; extern int x;",
      "int x; int x; int x = 3;",
      "float x = 0x1p-3f;",
      "__int128 x;",
      "int f(void) { lab: return 0; } int x;",
  };
  for (const char *shape : shapes) {
    TuFacts facts = extract_c(std::string(shape) + "\nstatic int after_it;\n");
    INFO(shape);
    CHECK(facts.diagnostics.empty());
    CHECK(has_object(facts, "a.c:x"));
    CHECK(has_object(facts, "a.c:after_it"));
  }
}

TEST_CASE("statics in every place inside a function") {
  const char *bodies[] = {
      "static int x;",
      "{ { static int x; } }",
      "if (1) { static int x; }",
      "for (;;) { static int x; }",
      "lab: ; static int x;",
      "switch (0) { case 0: ; static int x; }",
      "do { static int x; } while (0);",
      "int y = ({ static int x; x; });",
      "(void)sizeof(int); static int x;",
      "int y; static int z, x;",
      "goto out; { static int x; } out: ;",
      "if (0) { static int x; return; }",
  };
  for (const char *body : bodies) {
    TuFacts facts = extract_c("void f(void) { " + std::string(body) + " }\nstatic int after_it;\n");
    INFO(body);
    CHECK(facts.diagnostics.empty());
    CHECK(has_object(facts, "a.c:f():x"));
    CHECK(has_object(facts, "a.c:after_it"));
  }
}

} // namespace ringfence
