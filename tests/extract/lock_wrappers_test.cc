// Functions of a project's own that take and release locks.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

namespace {

constexpr const char *locks = R"(
typedef struct { int v; } pthread_mutex_t; typedef struct { int v; } PyMutex; typedef struct tstate tstate;
int pthread_mutex_lock(pthread_mutex_t *); int pthread_mutex_unlock(pthread_mutex_t *);
int pthread_mutex_trylock(pthread_mutex_t *);
void PyMutex_Lock(PyMutex *); void PyMutex_Unlock(PyMutex *);
tstate *PyEval_SaveThread(void); void PyEval_RestoreThread(tstate *);
void abort(void) __attribute__((noreturn)); void warn(const char *); void forget(void); void drop(pthread_mutex_t *);
struct lock { pthread_mutex_t mutex; int users; }; extern int threads;
pthread_mutex_t m, n; struct lock l; PyMutex p; int x;
)";

// The writes to x of a function that takes a lock by `take` and releases it by `leave`.
Lines writes(const std::string &wrappers, const std::string &take, const std::string &leave) {
  TuFacts facts = extract_c(locks + wrappers + "void f(void) { " + take + "; x = 1; " + leave + "; x = 2; }");
  CHECK(facts.status == UnitStatus::complete);
  Lines lines;
  for (const Access &access : facts.accesses)
    if (access.kind == AccessKind::write && facts.functions[access.function].name == "f" &&
        facts.objects[access.object].name == "x")
      lines.push_back(text_of(facts, access));
  return lines;
}

Lines held(const std::string &guard) { return {"write x = constant under " + guard, "write x = constant"}; }

const Lines open = {"write x = constant", "write x = constant"};

} // namespace

TEST_CASE("a function that does nothing but take the lock it is given takes it") {
  const std::string unlock = "static void give(pthread_mutex_t *k) { pthread_mutex_unlock(k); }";
  CHECK(writes("static void take(pthread_mutex_t *k) { pthread_mutex_lock(k); }" + unlock, "take(&m)", "give(&m)") ==
        held("take(@m)"));
  CHECK(writes("static void take(pthread_mutex_t *k) { if (pthread_mutex_lock(k) != 0) { warn(\"lock\"); abort(); } }" +
                   unlock,
               "take(&m)", "give(&m)") == held("take(@m)"));
  CHECK(writes("static int take(int c, pthread_mutex_t *k) { int r; do { r = pthread_mutex_lock(k); } while (r == c); "
               "return r; }" +
                   unlock,
               "take(4, &m)", "give(&m)") == held("take(@m)"));
  CHECK(writes("static void take(struct lock *k) { pthread_mutex_lock(&k->mutex); ++k->users; }\n"
               "static void give(struct lock *k) { --k->users; pthread_mutex_unlock(&k->mutex); }",
               "take(&l)", "give(&l)") == held("take(@l)"));
}

TEST_CASE("a function that takes a global lock takes it, and one that calls it, too") {
  const std::string global =
      "static void take(void) { PyMutex_Lock(&p); } static void give(void) { PyMutex_Unlock(&p); }";
  CHECK(writes(global, "take()", "give()") == held("take(@p)"));
  CHECK(writes(global, "take()", "PyMutex_Unlock(&p)") == held("take(@p)"));
  CHECK(writes(global + "static void outer(void) { take(); } static void over(void) { give(); }", "outer()",
               "over()") == held("outer(@p)"));
  CHECK(writes("static void take(void) { if (pthread_mutex_trylock(&m)) { tstate *s = PyEval_SaveThread(); "
               "pthread_mutex_lock(&m); PyEval_RestoreThread(s); } }",
               "take()", "pthread_mutex_unlock(&m)") == held("take(@m)"));
}

TEST_CASE("a function that may come back without the lock takes none") {
  const std::string give = "static void give(pthread_mutex_t *k) { pthread_mutex_unlock(k); }";
  for (const char *body : {"if (threads) pthread_mutex_lock(k);", "if (!threads) return; pthread_mutex_lock(k);",
                           "threads && pthread_mutex_lock(k);", "pthread_mutex_lock(k); pthread_mutex_unlock(k);",
                           "pthread_mutex_lock(k); drop(k);", "pthread_mutex_lock(k); pthread_mutex_lock(&n);",
                           "for (int i = 0; i < threads; ++i) pthread_mutex_lock(k + i);"})
    CHECK(writes("static void take(pthread_mutex_t *k) {" + std::string(body) + "}" + give, "take(&m)", "give(&m)") ==
          open);
  CHECK(writes("static void take(void) { pthread_mutex_lock(&m); forget(); }", "take()", "") == open);
  CHECK(writes("void take(pthread_mutex_t *k);", "take(&m)", "") == open);
  CHECK(writes("static void take(int n) { if (n) take(n - 1); }", "take(1)", "") == open);
}

} // namespace ringfence
