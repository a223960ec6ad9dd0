// Accesses in C++: references, members, operators, templates, lambdas, dynamic initialisers, scoped locks.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

TEST_CASE("references and member functions") {
  TuFacts facts = extract_cxx(R"(
struct C { int n = 0; int get() const { return n; } void set(int v) { n = v; } C &operator=(int v) { n = v; return *this; }
  C &operator+=(int v) { n += v; return *this; } int &operator[](int) { return n; } static int count; int *m; };
int C::count = 0;
C c, d; int x; void by_ref(int &); void by_const(const int &); C make();
void refs() { by_ref(x); by_const(x); int &r = x; r = 1; const int &k = x; (void)k; auto &m = c.n; m = 2; }
void methods() { c.get(); c.set(1); c = 3; c += 4; c[1] = 5; c = d; c = make(); C e = c; C::count++; c.count = 1; }
int &back() { return x; }
C *created() { return new (&c) C; }
void binding() { auto &[n, m] = c; n = 1; }
void range() { static int a[3]; for (int &v : a) v = 1; }
struct H { H(int &); int &r; }; H::H(int &v) : r(v) {} H h(x);
struct K { int &r; K() : r(x) {} };
void *operator new(unsigned long, void *) noexcept;
)");
  for (const Diagnostic &diagnostic : facts.diagnostics)
    UNSCOPED_INFO(diagnostic.message);
  CHECK(accesses_of(facts, "refs") == Lines{"argument x -> _Z6by_refRi#0", "argument x -> _Z8by_constRKi#0 const",
                                            "write x = constant alias", "read x alias", "write c.n = constant alias"});
  CHECK(accesses_of(facts, "methods") ==
        Lines{"read c", "argument c -> _ZN1C3setEi#0", "write c = constant", "modify c = constant",
              "argument c -> _ZN1CixEi#0", "write c[] = constant", "write c = d", "read d", "write c = call _Z4makev",
              "read c", "modify count = expression", "write count = constant"});
  CHECK(accesses_of(facts, "back") == Lines{"returned x"});
  CHECK(accesses_of(facts, "binding") == Lines{"write c.n = constant alias"});
  CHECK(accesses_of(facts, "range").back() == "write a[] = constant alias");
  CHECK(accesses_of(facts, "K::K") == Lines{"stored x"});
}

TEST_CASE("dynamic initialisers write, and call constructors") {
  TuFacts facts = extract_cxx(R"(
int f(); struct D { D(int); ~D(); }; int g = f(); static D d(3); const int k = 3;
int once() { static int s = f(); return s; }
thread_local int t = f();
)");
  Lines all = accesses_of(facts);
  CHECK(all == Lines{"write g = call _Z1fv", "write d = call _ZN1DC1Ei",
                     "write s = call _Z1fv under static initialisation(@s)", "read s", "write t = call _Z1fv"});
  CHECK(calls_of(facts) ==
        Lines{"f() stored", "D::D(&d, 3) stored", "f() stored under static initialisation(@s)", "f() stored"});
  CHECK(facts.calls[0].caller == none);
}

TEST_CASE("templates and lambdas") {
  TuFacts facts = extract_cxx(R"(
int x, y, z, w; void call(void (*)()); template <class F> void apply(F f) { f(); }
template <class T> void set(T v) { x = v; }
template <class T> void never(T v) { y = v; T::z(&w); }
template <class T> struct Box { static T held; void put(T v) { held = v; } }; template <class T> T Box<T>::held;
void use() { set(1); set(2L); Box<int> b; b.put(3); }
void lambdas() { auto l = [] { y = 1; }; l(); apply([] { z = 2; }); call([] { w = 3; }); int *p = &x; auto m = [p] { *p = 4; }; m(); }
)");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(accesses_of(facts, "set") == Lines{"write x = parameter", "write x = parameter"});
  CHECK(accesses_of(facts, "never").front() == "write y = parameter");
  CHECK(accesses_of(facts, "Box::put") == Lines{"write held = parameter"});
  Lines lambdas;
  for (const Access &access : facts.accesses)
    if (access.function != none && facts.functions[access.function].id.find("(lambda") != std::string::npos)
      lambdas.push_back(text_of(facts, access));
  CHECK(lambdas == Lines{"write y = constant", "write z = constant", "write w = constant", "write x = constant alias"});
}

TEST_CASE("locks and atomics of the standard library") {
  TuFacts facts = extract_cxx(R"(
#include <atomic>
#include <mutex>
std::mutex m; std::once_flag flag; std::atomic<int> a; int x; int f();
void guard() { { std::lock_guard<std::mutex> g(m); x = 1; } x = 2; }
void unique() { std::unique_lock<std::mutex> l(m); x = 1; l.unlock(); x = 2; }
void scoped() { std::scoped_lock l(m); if (f()) return; x = 1; }
void plain() { m.lock(); x = 1; m.unlock(); x = 2; }
void once() { std::call_once(flag, [] { x = 1; }); }
void atomics() { a = 1; a.store(f()); int b = a; b = a.load(); a++; a += 2; a.fetch_add(3); int e = 0; a.compare_exchange_strong(e, 4); }
)");
  for (const Diagnostic &diagnostic : facts.diagnostics)
    UNSCOPED_INFO(diagnostic.message);
  CHECK(facts.status == UnitStatus::complete);
  Lines writes;
  for (const Access &access : facts.accesses)
    if (access.kind == AccessKind::write && facts.objects[access.object].name == "x")
      writes.push_back(text_of(facts, access));
  CHECK(writes == Lines{"write x = constant under std::lock_guard(@m)", "write x = constant",
                        "write x = constant under std::unique_lock(@m)", "write x = constant",
                        "write x = constant under std::scoped_lock(@m)",
                        "write x = constant under std::mutex::lock(@m)", "write x = constant",
                        "write x = constant under std::call_once(@flag)"});
  CHECK(accesses_of(facts, "atomics") == Lines{"write a = constant atomic", "write a = call _Z1fv atomic",
                                               "read a atomic", "read a atomic", "modify a = expression atomic",
                                               "modify a = constant atomic", "modify a = constant atomic",
                                               "modify a = constant atomic"});
}

TEST_CASE("broken code is read as far as it goes") {
  for (const char *text : {"int x; void f() { x = undeclared(1); x = 2; undeclared.y = &x; }",
                           "int x; struct S; S s; void f() { s.a = 1; x = 1; }", "int x; void f() { x = 1; if (",
                           "template <class T> struct A { int n; void f() { n = x; } }; int x = A<int>::",
                           "int x; auto l = [&](auto... v) { x = (v + ...); }; void f() { l(1, ; }",
                           "int x; void f() { x = 1; static int y = x +; for (auto v : x) { y = v; } }"}) {
    INFO(text);
    TuFacts facts = extract_cxx(text);
    CHECK(facts.status == UnitStatus::partial);
  }
  TuFacts facts = extract_cxx("int x; void f() { x = undeclared(1); x = 2; }");
  CHECK(accesses_of(facts).back() == "write x = constant");
}

} // namespace ringfence
