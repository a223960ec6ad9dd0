// What functions do behind their parameters.
#include <catch2/catch.hpp>

#include "extract_source.h"

namespace ringfence {
namespace {

// "f 0 write" for each access but the one that says that a parameter is watched.
std::vector<std::string> behind(const TuFacts &facts) {
  std::vector<std::string> lines;
  for (const ParameterAccess &access : facts.parameter_accesses) {
    if (access.kind == AccessKind::read)
      continue;
    std::string line = facts.functions[access.function].name + " " + std::to_string(access.parameter) + " ";
    switch (access.kind) {
    case AccessKind::write:
      line += "write";
      break;
    case AccessKind::read_modify_write:
      line += "modify";
      break;
    case AccessKind::argument:
      line += "to " + access.callee + " " + std::to_string(access.argument);
      break;
    default:
      line += "escapes";
      break;
    }
    if (!access.path.empty())
      line += " through " + access.path;
    if (access.stored.kind == StoredValue::Kind::call)
      line += " = " + access.stored.callee;
    lines.push_back(line + (access.guarded ? " guarded" : "") + (access.tests_itself ? " tested" : ""));
  }
  return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("writes, forwarded pointers and escapes behind parameters in C") {
  TuFacts facts = extract_c(R"(
#include <stdlib.h>
#include <pthread.h>
struct s { int x; int *to; struct s *next; };
void fill(struct s *p, int n) { p->x = n; p->x = 2; }
void through(struct s *p) { *p->to = 1; p->next->x = 2; }
int only_reads(struct s *p) { return p->x + (p == 0); }
void forward(int a, struct s *p) { only_reads(p); free(p); }
struct s *returned(struct s *p) { return p; }
struct s *kept;
void keep(struct s *p) { kept = p; }
void by_alias(struct s *p) { struct s *q = p; int *r = &q->x; ++*r; }
void constant(const struct s *p) { (void)p->x; }
static pthread_mutex_t mutex;
void locked(int *p) { pthread_mutex_lock(&mutex); *p = 1; pthread_mutex_unlock(&mutex); }
struct pool { pthread_mutex_t lock; int n; };
void own_lock(struct pool *p) { pthread_mutex_lock(&p->lock); p->n++; pthread_mutex_unlock(&p->lock); }
void other_lock(struct pool *p, struct pool *q) { pthread_mutex_lock(&q->lock); p->n = 1; pthread_mutex_unlock(&q->lock); }
void untyped(void *p) { *(int *)p = 1; }
)");
  CHECK(facts.diagnostics.empty());
  CHECK(behind(facts) == Lines{"fill 0 write", "fill 0 write", "through 0 write through .to->",
                               "through 0 write through .next->x", "forward 1 to only_reads 0", "forward 1 to free 0",
                               "returned 0 escapes", "keep 0 escapes", "by_alias 0 modify", "locked 0 write guarded",
                               "own_lock 0 to pthread_mutex_lock 0", "own_lock 0 modify guarded",
                               "own_lock 0 to pthread_mutex_unlock 0 guarded", "other_lock 1 to pthread_mutex_lock 0",
                               "other_lock 0 write", "other_lock 1 to pthread_mutex_unlock 0 guarded",
                               "untyped 0 write"});
}

TEST_CASE("a test for the main interpreter locks nothing behind a parameter") {
  TuFacts facts = extract_c(R"(
typedef struct _is PyInterpreterState;
PyInterpreterState *PyInterpreterState_Main(void);
struct state { PyInterpreterState *interp; int n; };
void main_alone(struct state *p) { if (p->interp == PyInterpreterState_Main()) p->n = 1; }
)");
  CHECK(facts.diagnostics.empty());
  CHECK(behind(facts) == Lines{"main_alone 0 write tested"});
}

TEST_CASE("writes through pointers that lie behind parameters") {
  TuFacts facts = extract_c(R"(
void *load(void);
struct entry { void **slot; struct entry *next; };
void fill(struct entry *e) { for (; e->slot; ++e) *e->slot = load(); }
void link(struct entry *e) { e->next->slot = 0; }
int look(struct entry *e) { return *e->slot == e->next; }
)");
  CHECK(facts.diagnostics.empty());
  CHECK(behind(facts) == Lines{"fill 0 write through .slot-> = load", "link 0 write through .next->slot"});
}

TEST_CASE("tests and stored values behind parameters") {
  TuFacts facts = extract_c(R"(
void *load(void);
void cache(void **to) { if (*to == 0) *to = load(); }
void cache_early(void **to) { if (*to) return; *to = load(); }
void outer(void **to) { if (!*to) cache(to); }
void other(void **to, void **from) { if (*from) *to = load(); }
)");
  CHECK(facts.diagnostics.empty());
  CHECK(behind(facts) == Lines{"cache 0 write = load tested", "cache_early 0 write = load tested",
                               "outer 0 to cache 0 tested", "other 0 write = load"});
}

TEST_CASE("writes behind references and parameters of methods in C++") {
  TuFacts facts = extract_source({"a.cc", R"(
struct S { int x; void set(int &to) { to = x; } static void reset(int *to) { *to = 0; } };
void fill(S &s) { s.x = 1; }
void forward(S &s) { fill(s); }
)"});
  CHECK(facts.diagnostics.empty());
  CHECK(behind(facts) == Lines{"S::set 1 write", "S::reset 0 write", "fill 0 write", "forward 0 to _Z4fillR1S 0"});
}

} // namespace ringfence
