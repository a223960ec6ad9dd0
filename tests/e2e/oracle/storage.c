// Every way in which C makes a writable symbol, and names that are not what the source says.
static int file_static, never_used;
int external_definition = 1;
int tentative;
extern int declared_first;
int declared_first = 2;
extern int declared_then_tentative;
int declared_then_tentative;
int tentative_then_declared;
extern int tentative_then_declared;
int common_symbol __attribute__((common));
_Thread_local int thread_external;
static _Thread_local int thread_static = 3;
__attribute__((weak)) int weak_definition = 4;
static int in_section __attribute__((section("elsewhere"))) = 5;
int labelled asm("another_symbol") = 6;
static int labelled_static asm("yet_another_symbol") = 7;
static const char *const relocated[] = {"read-only once loaded", "writable in the object file"};

struct pair { int x, y; };
struct pair *from_literal = &(struct pair){1, 2};
int *from_array = (int[]){1, 2, 3};
static struct { int member; } without_tag;
static union { int a; float b; } either;

static int never_called(void) {
  static int inside;
  { static int inside = 1; inside++; }
  return inside++;
}

static inline int never_inlined(void) { static int inside; return inside++; }

int called(int flag) {
  static int same_name;
  if (flag) {
    static int same_name = 1;
    same_name++;
  }
  static const char *const table[] = {"a", "b"};
  int in_expression = ({ static int nested; nested++; });
  const char *automatic[] = {"copied", "from", "a", "constant"};
  return same_name++ + table[0][0] + automatic[1][0] + in_expression;
}

#define COUNTER(name) static int name##_count; int name(void) { static int calls; return name##_count += ++calls; }
COUNTER(first)
COUNTER(second)

int use(void) { return file_static + thread_static + in_section + labelled_static + without_tag.member + either.a; }
