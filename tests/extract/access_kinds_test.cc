// Every way to touch an object in C, and what becomes of it.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

namespace {

struct Row {
  std::string body;
  Lines expected;
};

const std::string declarations = R"(
typedef struct node { int n; struct node *next; int list[4]; struct { int hidden; }; } node;
int x, y, array[4]; int *p; int **pp; node s, t, nodes[3], *np; void (*hook)(int);
_Atomic int at; static int flag;
int f(void); int *g(int *); void take(const int *, int *); void any(int, ...); void give(int); int **h(void);
int by(node);
)";

void check(const std::vector<Row> &rows) {
  for (const Row &row : rows) {
    TuFacts facts = extract_c(declarations + "int run(int a, int *q, node *m) {\n" + row.body + "\nreturn 0; }\n");
    INFO(row.body);
    for (const Diagnostic &diagnostic : facts.diagnostics)
      UNSCOPED_INFO(diagnostic.message);
    CHECK(facts.status == UnitStatus::complete);
    CHECK(accesses_of(facts, "run") == row.expected);
  }
}

} // namespace

TEST_CASE("reads, writes and read-modify-writes in C") {
  check({
      {"x = 1;", {"write x = constant"}},
      {"x = y;", {"write x = y", "read y"}},
      {"return x;", {"read x"}},
      {"x += 2;", {"modify x = constant"}},
      {"x++; --y;", {"modify x = expression", "modify y = expression"}},
      {"(x) = (y, 3);", {"write x = constant", "read y"}},
      {"a = x ? y : 2;", {"read x", "read y tested:x"}},
      {"*(a ? &x : &y) = 1;", {"write x = constant", "write y = constant"}},
      {"s = t;", {"write s = t", "read t"}},
      {"by(s);", {"read s"}},
      {"(void)x;", {"read x"}},
      {"x;", {"read x"}},
      {"a = sizeof(x) + sizeof x + __builtin_constant_p(x) + _Alignof(x);", {}},
      {"typeof(x) z = 1; (void)z;", {}},
      {"a = _Generic(x, int: y, default: 0);", {"read y"}},
      {"a = -x;", {"read x"}},
      {"a = ({ int z = x; y; });", {"read x", "read y"}},
      {"a = x ?: y;", {"read x", "read y tested:x"}},
      {"hook(1);", {"read hook"}},
      {"(*hook)(1);", {"read hook"}},
  });
}

TEST_CASE("subobjects in C") {
  check({
      {"s.n = 1;", {"write s.n = constant"}},
      {"s.next->n = 1;", {"write s.next->n = constant"}},
      {"s.hidden = 1;", {"write s.hidden = constant"}},
      {"array[a] = 1;", {"write array[] = constant"}},
      {"*array = 1;", {"write array[] = constant"}},
      {"*(array + 2) = 1;", {"write array[] = constant"}},
      {"nodes[1].list[2]++;", {"modify nodes[].list[] = expression"}},
      {"nodes[1].next->list[2] = 3;", {"write nodes[].next->list[] = constant"}},
      {"*p = 1;", {"write p-> = constant"}},
      {"p[2] = 1;", {"write p->[] = constant"}},
      {"*(p + 1) = 1;", {"write p->[] = constant"}},
      {"*p++ = 1;", {"modify p = expression", "write p-> = constant"}},
      {"**pp = 1;", {"write pp->-> = constant"}},
      {"np->n = 1;", {"write np->n = constant"}},
      {"(*np).n = 1;", {"write np->n = constant"}},
      {"np[1].n = 1;", {"write np->[].n = constant"}},
      {"a = np->next->n;", {"read np->next->n"}},
      {"(&s)->n = 1;", {"write s.n = constant"}},
      {"(&nodes[1])->n = 1;", {"write nodes[].n = constant"}},
      {"((char *)&s)[3] = 1;", {"write s = constant"}},
      {"array[x] = 1;", {"write array[] = constant", "read x"}},
  });
}

TEST_CASE("what becomes of an address in C") {
  check({
      {"take(&x, &y);", {"argument x -> take#0 const", "argument y -> take#1"}},
      {"take(array, array + 1);", {"argument array -> take#0 const", "argument array -> take#1"}},
      {"take(&s.n, s.list);", {"argument s.n -> take#0 const", "argument s.list -> take#1"}},
      {"any(1, &x);", {"argument x -> any#1"}},
      {"((void (*)(int *))q)(&x);", {"argument x -> #0"}},
      {"give(x);", {"read x"}},
      {"give(p != 0); take(p, p);", {"read p", "read p", "read p"}},
      {"p = &x;", {"write p = &x", "stored x"}},
      {"m->next = &s;", {"stored s"}},
      {"*h() = &x;", {"stored x"}},
      {"node local = {1, &s}; (void)local;", {"stored s"}},
      {"if (q == &x) return 1;", {"read x"}},
      {"return (long)&x & 7;", {"returned x"}},
      {"a = !&array[1] || &x;", {"read array[]", "read x"}},
      {"int *r[2] = {&x, 0}; (void)r;", {"stored x"}},
      {"take(g(&x), 0);", {"argument x -> g#0"}},
  });
  TuFacts facts = extract_c("int x, a[3]; int *f(void) { return &x; } int *g(void) { return a; }\n"
                            "int *table[] = {&x, a};\n");
  CHECK(accesses_of(facts) == Lines{"returned x", "returned a", "stored x", "stored a"});
  CHECK(facts.accesses[2].function == none);
  facts = extract_c("int x; void f(void) { static int *inner = &x; }");
  CHECK(accesses_of(facts) == Lines{"stored x"});
  CHECK(facts.accesses[0].function == none);
}

TEST_CASE("atomic accesses in C") {
  check({
      {"at = 1;", {"write at = constant atomic"}},
      {"at++;", {"modify at = expression atomic"}},
      {"a = at;", {"read at atomic"}},
      {"a = __atomic_load_n(&x, 5);", {"read x atomic"}},
      {"__atomic_store_n(&x, 1, 5);", {"write x = constant atomic"}},
      {"a = __atomic_exchange_n(&x, f(), 5);", {"modify x = call f atomic"}},
      {"a = __atomic_fetch_add(&x, 1, 5);", {"modify x = constant atomic"}},
      {"a = __sync_fetch_and_add(&x, 1);", {"modify x = constant atomic"}},
      {"a = __sync_bool_compare_and_swap(&x, 0, y);", {"modify x = y atomic", "read y"}},
      {"__c11_atomic_store(&at, 3, 5);", {"write at = constant atomic"}},
      {"a = __c11_atomic_compare_exchange_strong(&at, q, 3, 5, 5);", {"modify at = constant atomic"}},
      {"__asm__ volatile(\"\" : \"+m\"(x) : \"r\"(y));", {"modify x = expression", "read y"}},
      {"__asm__ volatile(\"\" : \"=m\"(x));", {"write x = expression"}},
  });
  TuFacts facts = extract_c("static inline int _Py_atomic_load_int(const int *p) { return *p; }\n"
                            "static inline void _Py_atomic_store_int(int *p, int v) { *p = v; }\n"
                            "static inline int _Py_atomic_add_int(int *p, int v) { return *p += v; }\n"
                            "int x; int f(void);\n"
                            "int run(void) { _Py_atomic_store_int(&x, f()); _Py_atomic_add_int(&x, 2);\n"
                            "return _Py_atomic_load_int(&x); }\n");
  CHECK(accesses_of(facts) == Lines{"write x = call f atomic", "modify x = constant atomic", "read x atomic"});
}

TEST_CASE("what a write stores") {
  check({
      {"p = 0;", {"write p = null"}},
      {"p = (void *)0;", {"write p = null"}},
      {"p = q;", {"write p = parameter"}},
      {"p = (int *)g(q);", {"write p = call g"}},
      {"int *r = g(q); if (!r) return 1; p = r;", {"write p = call g"}},
      {"int *r; r = g(q); p = r;", {"write p = call g"}},
      {"p = a ? g(q) : 0;", {"write p = call g"}},
      {"p = (a++, g(q));", {"write p = call g"}},
      {"p = *pp = g(q);", {"write p = call g", "write pp-> = call g"}},
      {"hook = give;", {"write hook = function give"}},
      {"p = &array[2];", {"write p = &array", "stored array[]"}},
      {"x = -1; y = sizeof(int) * 2;", {"write x = constant", "write y = constant"}},
      {"x = a + 1;", {"write x = expression"}},
      {"x = m->n;", {"write x = expression"}},
      {"int *r = r; r = r + 1; p = r;", {"write p = expression"}},
  });
  TuFacts facts = extract_c("typedef struct o { int r; } PyObject; extern PyObject none_; PyObject *make(void);\n"
                            "static inline PyObject *Py_NewRef(PyObject *o) { o->r++; return o; }\n"
                            "PyObject *c;\n"
                            "void a(PyObject *o) { PyObject *t = make(); c = Py_NewRef(t); c = Py_NewRef(o); }\n"
                            "void b(void) { c = Py_NewRef(&none_); }\n");
  CHECK(accesses_of(facts) == Lines{"write c = call make", "write c = parameter", "write c = &none_", "stored none_"});
}

} // namespace ringfence
