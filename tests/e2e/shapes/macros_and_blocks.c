// Declaration shapes from macros, inside functions, and of C23. Compiled as -std=gnu23.

// 46. macro that makes the whole declaration: made_whole
#define WHOLE(name) static int name
WHOLE(made_whole);
static int after_46;
// 47. macro that pastes the name: pasted_left_right
#define PASTE(a, b) static int pasted_##a##_##b = 1;
PASTE(left, right)
static int after_47;
// 48. macro that makes the storage class and type: by_macro_type
#define LOCAL(type) static type
LOCAL(const char *) by_macro_type;
static int after_48;
// 49. macro that makes several, and a function with one: several_table, several_count, several():several_calls
#define SEVERAL(name)                                                                                                  \
  static int name##_table[2];                                                                                          \
  int name##_count;                                                                                                    \
  int name(void) {                                                                                                     \
    static int name##_calls;                                                                                           \
    return name##_calls++;                                                                                             \
  }
SEVERAL(several)
static int after_49;
// 50. list macro: listed_one, listed_two
#define LIST(entry) entry(one) entry(two)
#define ENTRY(name) static int listed_##name;
LIST(ENTRY)
static int after_50;

int blocks(int flag, int rows) {
  // 51. nested block: blocks():in_block
  { { static int in_block; in_block++; } }
  static int after_51;
  // 52. after a label: blocks():behind_label
again:;
  static int behind_label;
  static int after_52;
  // 53. statement expression: blocks():in_expression
  int value = ({ static int in_expression = 1; in_expression++; });
  static int after_53;
  // 54. bodies of a loop and a condition: blocks():in_loop, blocks():in_else
  for (int i = 0; i < rows; i++) {
    static int in_loop;
    if (in_loop++) flag++; else { static int in_else; in_else++; }
  }
  static int after_54;
  // 55. behind case labels: blocks():in_case, blocks():in_default
  switch (flag) {
  case 1: { static int in_case; value += in_case++; break; }
  case 2 ... 5:
  default:;
    static int in_default;
    in_default++;
  }
  static int after_55;
  // 56. same name in two blocks: blocks():twice
  { static int twice; twice++; }
  { static char twice[2]; twice[0]++; }
  static int after_56;
  // 57. further declarators, initialised with an address of another static: blocks():left, blocks():right
  static int left = 1, *right = &left;
  static int after_57;
  // 58. structure type made in the function: blocks():local_type
  static struct { int a; struct inner { int b; } c; } local_type;
  static int after_58;
  // 59. behind a nested declaration of an external object and a function: blocks():behind_extern
  extern int several_count;
  int prototype(int (*)(void), int[static 2]);
  static int behind_extern;
  static int after_59;
  // 60. behind a computed goto and a variable-length array: blocks():behind_array
  int lengths[rows];
  static void *targets[] = {&&again, &&done};
  if (flag > 100) goto *targets[flag & 1];
  static int behind_array;
  static int after_60;
done:
  return value + behind_label + *right + local_type.a + several_count + behind_extern + lengths[0] + behind_array +
         after_51 + after_52 + after_53 + after_54 + after_55 + after_56 + after_57 + after_58 + after_59 + after_60;
}

// 61. inline function that nothing calls: never_called():inside
static inline int never_called(void) { static int inside; return inside++; }
static int after_61;
// 62. C23: constexpr, inferred type: constant, inferred
static constexpr int constant = 1;
static auto inferred = 1.0;
static int after_62;
// 63. C23: attributes, bit-precise integer, empty initialiser: bit_precise
[[gnu::used, maybe_unused]] static unsigned _BitInt(17) bit_precise [[gnu::aligned(8)]] = {};
static int after_63;
// 64. C23: keywords, unqualified typeof, enumeration with a type: unqualified, typed
static_assert(true);
thread_local static typeof_unqual(constant) unqualified;
static enum coloured : unsigned char { blue } typed = blue;
alignas(8) static bool after_64 = nullptr == nullptr;
