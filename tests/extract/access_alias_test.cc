// Accesses through local pointers, the conditions around accesses, and the locks that are held.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

TEST_CASE("a local pointer stands for what it points to") {
  TuFacts facts = extract_c(R"(
typedef struct e { const char *name; int v; struct e *next; } e;
e table[8], one, two; int x; void use(int *, e *);
void direct(void) { int *p = &x; *p = 1; (*p)++; int y = *p; }
void member(void) { e *p = &one; p->v = 1; use(&p->v, p); }
void chain(void) { e *p = table; e *q = p + 1; e *r; r = q; r->v = 2; q[1].v = 3; }
void loop(void) { for (e *p = table; p->name; p++) p->v = 1; }
void list(void) { e *p = &one; while (p->next) p = p->next; p->next = 0; }
void either(int c) { e *p = c ? &one : &two; p->v = 1; }
void later(int c) { e *p = 0; if (c) p = &one; else p = &two; if (p) p->v = 1; }
void parameter(e *p) { if (!p) p = &one; p->v = 1; }
void out(void) { int *p = &x; int **pp = &p; use(*pp, 0); }
int *back(void) { int *p = &x; return p; }
void keep(e *o) { e *p = &one; o->next = p; }
)");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(accesses_of(facts, "direct") ==
        Lines{"write x = constant alias", "modify x = expression alias", "read x alias"});
  CHECK(accesses_of(facts, "member") ==
        Lines{"write one.v = constant alias", "argument one.v -> use#0 alias", "argument one -> use#1 alias"});
  CHECK(accesses_of(facts, "chain") == Lines{"write table[].v = constant alias", "write table[].v = constant alias"});
  CHECK(accesses_of(facts, "loop") == Lines{"read table[].name alias", "write table[].v = constant alias tested"});
  CHECK(accesses_of(facts, "list") ==
        Lines{"read one.next alias", "read one.next alias tested", "write one.next = null alias"});
  CHECK(accesses_of(facts, "either") == Lines{"write one.v = constant alias", "write two.v = constant alias"});
  CHECK(accesses_of(facts, "later") == Lines{"write one.v = constant alias", "write two.v = constant alias"});
  CHECK(accesses_of(facts, "parameter") == Lines{"write one.v = constant alias"});
  CHECK(accesses_of(facts, "out") == Lines{"address x alias"});
  CHECK(accesses_of(facts, "back") == Lines{"returned x alias"});
  CHECK(accesses_of(facts, "keep") == Lines{"stored one alias"});
}

TEST_CASE("the macros that clear and replace references write the variable") {
  TuFacts facts = extract_c(R"(
typedef struct o { long r; } PyObject; void Py_DECREF(PyObject *); PyObject *make(void);
#define Py_CLEAR(op) do { __typeof__(op) *_tmp_op_ptr = &(op); __typeof__(op) _tmp_old_op = (*_tmp_op_ptr); \
  if (_tmp_old_op != (void *)0) { *_tmp_op_ptr = (void *)0; Py_DECREF(_tmp_old_op); } } while (0)
#define Py_XSETREF(dst, src) do { __typeof__(dst) *_tmp_dst_ptr = &(dst); __typeof__(dst) _tmp_old_dst = (*_tmp_dst_ptr); \
  *_tmp_dst_ptr = (src); Py_DECREF(_tmp_old_dst); } while (0)
PyObject *cache; struct { PyObject *error; } state;
void clear(void) { Py_CLEAR(cache); }
void set(void) { Py_XSETREF(state.error, make()); }
)");
  CHECK(accesses_of(facts, "clear") == Lines{"read cache alias", "write cache = null alias tested"});
  CHECK(accesses_of(facts, "set") == Lines{"read state.error alias", "write state.error = call make alias"});
}

TEST_CASE("conditions around an access") {
  TuFacts facts = extract_c(R"(
int *x, *y, ready, done; int *f(void); int g(int *); int *_Py_atomic_load_ptr(int **);
int *lazy(void) { if (x == 0) { x = f(); } return x; }
int *early(void) { if (x != 0) return x; x = f(); return x; }
void flag(void) { if (!ready) { x = f(); ready = 1; } }
void local(void) { int *c = x; if (c == 0) { c = f(); x = c; } }
void atomic(void) { int *c = _Py_atomic_load_ptr(&x); if (!c) x = f(); }
int check(void) { x = f(); if (!x) return -1; y = f(); x = 0; return 0; }
int passed(void) { if (g(x)) return -1; y = f(); return 0; }
void both(void) { if (ready && !done) x = f(); }
void shortcut(void) { ready && (x = f()); }
void loop(void) { while (!done) x = f(); y = f(); }
int *choice(void) { return x ? x : (x = f()); }
void go(void) { if (ready) goto end; x = f(); end:; }
)");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(accesses_of(facts, "lazy") == Lines{"read x", "write x = call f tested", "read x"});
  CHECK(accesses_of(facts, "early") == Lines{"read x", "read x tested", "write x = call f tested", "read x tested"});
  CHECK(accesses_of(facts, "flag") ==
        Lines{"read ready", "write x = call f tested:ready", "write ready = constant tested"});
  CHECK(accesses_of(facts, "local") == Lines{"read x", "write x = call f tested"});
  CHECK(accesses_of(facts, "atomic") == Lines{"read x atomic", "write x = call f tested"});
  CHECK(accesses_of(facts, "check") == Lines{"write x = call f", "read x", "write y = call f", "write x = null"});
  CHECK(accesses_of(facts, "passed") == Lines{"read x", "write y = call f"});
  CHECK(accesses_of(facts, "both") ==
        Lines{"read ready", "read done tested:ready", "write x = call f tested:ready tested:done"});
  CHECK(accesses_of(facts, "shortcut") == Lines{"read ready", "write x = call f tested:ready"});
  CHECK(accesses_of(facts, "loop") == Lines{"read done", "write x = call f tested:done", "write y = call f"});
  CHECK(accesses_of(facts, "choice") == Lines{"read x", "read x tested", "write x = call f tested"});
  CHECK(accesses_of(facts, "go") == Lines{"read ready", "write x = call f tested:ready"});
}

TEST_CASE("locks that are held in C") {
  TuFacts facts = extract_c(R"(
typedef struct { int v; } PyMutex; void PyMutex_Lock(PyMutex *); void PyMutex_Unlock(PyMutex *);
int PyThread_acquire_lock(void *, int); void PyThread_release_lock(void *);
typedef int once_t; int pthread_once(once_t *, void (*)(void)); void init(void);
#define Py_BEGIN_CRITICAL_SECTION(op) {
#define Py_END_CRITICAL_SECTION() }
#define LOCKED_SECTION() Py_BEGIN_CRITICAL_SECTION(shared)
struct rt { PyMutex m; } rt; PyMutex mutex; void *lock; int x; once_t once; int bad(void); void g(void);
#define HEAD_LOCK(r) PyMutex_Lock(&(r)->m)
#define HEAD_UNLOCK(r) PyMutex_Unlock(&(r)->m)
#define LOCK() do { PyMutex_Lock(&mutex); } while (0)
void simple(void) { x = 1; PyMutex_Lock(&mutex); x = 2; g(); PyMutex_Unlock(&mutex); x = 3; }
void head(void) { HEAD_LOCK(&rt); x = 1; HEAD_UNLOCK(&rt); x = 2; }
void wrapped(void) { LOCK(); x = 1; PyMutex_Unlock(&mutex); }
int branch(void) { PyMutex_Lock(&mutex); if (bad()) { PyMutex_Unlock(&mutex); return -1; } x = 1; PyMutex_Unlock(&mutex); return 0; }
int jump(void) { PyMutex_Lock(&mutex); if (bad()) goto fail; PyMutex_Unlock(&mutex); return 0;
fail: x = 1; PyMutex_Unlock(&mutex); return -1; }
void section(void *self) { Py_BEGIN_CRITICAL_SECTION(self); x = 1; Py_END_CRITICAL_SECTION(); x = 2; }
void nested(void) { LOCKED_SECTION(); x = 1; Py_END_CRITICAL_SECTION(); }
void thread(void) { PyThread_acquire_lock(lock, 1); PyMutex_Lock(&rt.m); x = 1; PyThread_release_lock(lock); x = 2; PyMutex_Unlock(&rt.m); x = 3; }
void tried(void) { if (!PyThread_acquire_lock(lock, 0)) { g(); PyThread_acquire_lock(lock, 1); } x = 1; PyThread_release_lock(lock); x = 2; }
void one(void) { pthread_once(&once, init); }
)");
  CHECK(facts.status == UnitStatus::complete);
  auto writes = [&](const std::string &function) {
    Lines lines;
    for (const Access &access : facts.accesses)
      if (access.kind == AccessKind::write && facts.functions[access.function].name == function)
        lines.push_back(text_of(facts, access));
    return lines;
  };
  CHECK(writes("simple") ==
        Lines{"write x = constant", "write x = constant under PyMutex_Lock(@mutex)", "write x = constant"});
  CHECK(writes("head") == Lines{"write x = constant under PyMutex_Lock(@rt)", "write x = constant"});
  CHECK(writes("wrapped") == Lines{"write x = constant under PyMutex_Lock(@mutex)"});
  CHECK(writes("branch") == Lines{"write x = constant under PyMutex_Lock(@mutex)"});
  CHECK(writes("jump") == Lines{"write x = constant under PyMutex_Lock(@mutex)"});
  CHECK(writes("section") == Lines{"write x = constant under Py_BEGIN_CRITICAL_SECTION(self)", "write x = constant"});
  CHECK(writes("nested") == Lines{"write x = constant under Py_BEGIN_CRITICAL_SECTION()"});
  CHECK(writes("thread") == Lines{"write x = constant under PyThread_acquire_lock(@lock) under PyMutex_Lock(@rt)",
                                  "write x = constant under PyMutex_Lock(@rt)", "write x = constant"});
  CHECK(writes("tried") == Lines{"write x = constant under PyThread_acquire_lock(@lock)", "write x = constant"});
  CHECK(calls_of(facts, "simple") == Lines{"PyMutex_Lock(&mutex) ignored", "g() ignored under PyMutex_Lock(@mutex)",
                                           "PyMutex_Unlock(&mutex) ignored under PyMutex_Lock(@mutex)"});
  CHECK(calls_of(facts, "one") ==
        Lines{"init() ignored under pthread_once(@once)", "pthread_once(&once, init) ignored"});
}

TEST_CASE("locks of libraries that extensions bring along") {
  TuFacts facts = extract_c(R"(
typedef struct { int v; } uv_mutex_t; void uv_mutex_lock(uv_mutex_t *); void uv_mutex_unlock(uv_mutex_t *);
typedef struct sqlite3_mutex sqlite3_mutex; void sqlite3_mutex_enter(sqlite3_mutex *); void sqlite3_mutex_leave(sqlite3_mutex *);
typedef struct { int v; } GMutex; void g_mutex_lock(GMutex *); void g_mutex_unlock(GMutex *);
uv_mutex_t mutex; sqlite3_mutex *master; GMutex glib; int x;
void in_turn(void) {
  uv_mutex_lock(&mutex); x = 1; uv_mutex_unlock(&mutex);
  sqlite3_mutex_enter(master); x = 2; sqlite3_mutex_leave(master);
  g_mutex_lock(&glib); x = 3; g_mutex_unlock(&glib);
  x = 4;
}
)");
  Lines writes;
  for (const Access &access : facts.accesses)
    if (access.kind == AccessKind::write)
      writes.push_back(text_of(facts, access));
  CHECK(writes == Lines{"write x = constant under uv_mutex_lock(@mutex)",
                        "write x = constant under sqlite3_mutex_enter(@master)",
                        "write x = constant under g_mutex_lock(@glib)", "write x = constant"});
}

TEST_CASE("calls, their arguments and what becomes of the result") {
  TuFacts facts = extract_c(R"(
typedef struct t { int (*call)(int); } t; t slots; int x; enum { five = 5 };
int f(int, ...); void cb(void); void *reg(void (*)(void), void *); int (*fp)(int); void *store;
void run(t *o) {
  f(1, &x, "text", cb, (void *)0, o, x, five | 2); if (f(2)) f(3); store = reg(cb, &slots); o->call(1); slots.call(2); fp(3);
  f(f(4)); (void)f(5); o->call = f; void (*later)(void) = cb; while (f(6) > 0) f(7);
}
void (*give(void))(void) { return cb; }
)");
  CHECK(facts.status == UnitStatus::complete);
  CHECK(calls_of(facts, "run") == Lines{"f(1, &x, \"text\", cb, NULL, _, x, 7) ignored", "f(2) tested", "f(3) ignored",
                                        "reg(cb, &slots) stored", "*o->call(1) ignored", "*slots.call@slots(2) ignored",
                                        "*fp@fp(3) ignored", "f(4) passed", "f() ignored", "f(5) ignored",
                                        "f(6) tested", "f(7) ignored"});
  Lines uses;
  for (const FunctionUse &use : facts.function_uses)
    uses.push_back(facts.functions[use.function].name + " " +
                   (use.callee.empty() ? use.path : use.callee + "#" + std::to_string(use.argument)));
  CHECK(uses == Lines{"cb f#3", "cb reg#0", "f o->call", "cb later", "cb return"});
}

} // namespace ringfence
