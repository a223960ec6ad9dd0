// Members of structs that threads may share, as facts.
#include <catch2/catch.hpp>

#include "access_text.h"
#include "extract_source.h"

namespace ringfence {

TEST_CASE("members count where the pointer comes from outside of the function") {
  const TuFacts facts = extract_c(R"(
#include <stdlib.h>
struct inner { int deep; };
struct box { int n; char *text; struct inner in; struct box *next; };
struct box *made(void);
struct box *find(void);
static struct box *kept;
void parameter(struct box *b) { b->n = 1; }
void alias(struct box *b) { struct box *c = b; char **t = &c->text; *t = 0; }
void nested(struct box *b) { b->in.deep++; b->next->n = 2; }
void global(void) { kept->n = 3; }
void found(void) { find()->n = 4; }
void fresh(void) { struct box *b = malloc(sizeof *b); b->n = 5; }
void created(void) { struct box *new_box(void), *b = new_box(); b->n = 5; }
void own(void) { struct box b; struct box *p = &b; b.n = 6; p->n = 7; }
void lazy(struct box *b) { char *t = b->text; if (!t) b->text = malloc(1); }
)");
  CHECK(member_accesses_of(facts, "parameter") == Lines{"write n = constant"});
  CHECK(member_accesses_of(facts, "alias") == Lines{"write text = null alias"});
  CHECK(member_accesses_of(facts, "nested") ==
        Lines{"modify in.deep = expression", "write n = constant", "write next->n = constant"});
  CHECK(member_accesses_of(facts, "global") == Lines{"write n = constant"});
  CHECK(member_accesses_of(facts, "found") == Lines{"write n = constant"});
  CHECK(member_accesses_of(facts, "fresh") == Lines{});
  CHECK(member_accesses_of(facts, "created") == Lines{});
  CHECK(member_accesses_of(facts, "own") == Lines{});
  CHECK(member_accesses_of(facts, "lazy") == Lines{"read text", "write text = call malloc tested"});
}

TEST_CASE("a member is known by its struct") {
  const TuFacts facts = extract_c(R"(
struct box { struct { int deep; } in; };
typedef struct { int n; } named;
void f(struct box *b, named *n) { b->in.deep = 1; n->n = 2; }
)");
  Lines ids;
  for (const Object &object : facts.objects)
    ids.push_back(object.id + " of " + object.record);
  CHECK(ids == Lines{"a.c:box::in.deep of box", "a.c:named::n of named"});
}

} // namespace ringfence
