// Declaration shapes at file scope: C11 (6.7) and GNU extensions. Numbers run on in the other files of this folder.
// "// N. shape: objects" stands before each shape; after_N must be found as well. Compiled as -std=gnu11.
#include <stddef.h>

// 1. atomic type qualifier: atomic_qualified
static _Atomic int atomic_qualified;
static int after_1;
// 2. atomic type specifier: atomic_specified
static _Atomic(int *) atomic_specified;
static int after_2;
// 3. static assertion before: asserted
_Static_assert(sizeof(int) >= 2, "a string with ; and }");
static int asserted;
static int after_3;
// 4. east const: east_const
int const static east_const = 1;
static int after_4;
// 5. const at every level, east: east_pointers
static char const *const *const east_pointers;
static int after_5;
// 6. alignment by number: aligned_number
static _Alignas(16) char aligned_number[4];
static int after_6;
// 7. alignment by type: aligned_type
_Alignas(double) static char aligned_type;
static int after_7;
// 8. typeof an expression: type_of_expression
static typeof(atomic_qualified + 1) type_of_expression;
static int after_8;
// 9. __typeof__ a type name: type_of_type
static __typeof__(int (*)[2]) type_of_type;
static int after_9;
// 10. asm label: labelled
static int labelled __asm__("label_in_assembly") = 1;
static int after_10;
// 11. pointer to an array: pointer_to_array
static int (*pointer_to_array)[3];
static int after_11;
// 12. array of pointers to arrays: array_of_pointers
static int (*array_of_pointers[2])[3];
static int after_12;
// 13. pointer to a function: function_pointer
static int (*function_pointer)(int, char *);
static int after_13;
// 14. array of pointers to functions: function_table
static void (*const function_table[2])(void) = {0, 0};
static int after_14;
// 15. pointer to a function that returns a pointer to a function: returns_pointer
static int (*(*returns_pointer)(int))(char);
static int after_15;
// 16. complex number: complex_number
static double _Complex complex_number;
static int after_16;
// 17. wide integer: wide_integer
static unsigned __int128 wide_integer;
static int after_17;
// 18. more declarators: first_declarator, second_declarator, third_declarator, fourth_declarator
static int first_declarator, *second_declarator, third_declarator[2], (*fourth_declarator)(void);
static int after_18;
// 19. declarators after initialisers with commas: initialised_list, after_initialiser
static int initialised_list[] = {1, 2, (3, 4)}, after_initialiser = 5;
static int after_19;
// 20. storage class among the type specifiers: long_way
long static unsigned int long_way;
static int after_20;
// 21. declarator in parentheses: in_parentheses
static int((in_parentheses)) = 1;
static int after_21;
// 22. thread-local, standard: thread_standard
_Thread_local static int thread_standard;
static int after_22;
// 23. thread-local, GNU: thread_gnu
static __thread int thread_gnu = 1;
static int after_23;
// 24. declared, then defined: declared_then_defined, declared_then_tentative
extern int declared_then_defined, declared_then_tentative;
int declared_then_defined = 1;
int declared_then_tentative;
static int after_24;
// 25. tentative definitions: tentative_twice
int tentative_twice;
int tentative_twice;
static int after_25;
// 26. external with an initialiser: external_initialised
extern int external_initialised;
int external_initialised = {1};
static int after_26;
// 27. structure defined in the declaration: with_new_structure
static struct new_structure { int member; struct new_structure *next; } with_new_structure;
static int after_27;
// 28. structure without a tag, bit-fields, nested union: without_tag
static struct { unsigned a : 3, : 0, b : 5; union { int c; float d; }; } without_tag = {.c = 1};
static int after_28;
// 29. enumeration defined in the declaration: with_new_enumeration
static enum { RED = 1, GREEN = RED << 1 } with_new_enumeration = GREEN;
static int after_29;
// 30. array type from a typedef: from_typedef
typedef int three_integers[3];
static three_integers from_typedef[2];
static int after_30;
// 31. bound is an expression: sized_by_expression
static char sized_by_expression[sizeof(struct new_structure) * 2 + (RED ? 1 : 2)];
static int after_31;
// 32. bound from the initialiser, strings with braces and quotes: strings
static const char *strings[] = {"}", "\"{;", "a" "b", L'{' ? "'" : "\\"};
static int after_32;
// 33. designators with ranges: designated
static int designated[10] = {[0 ... 3] = 1, [5] = 2, 3};
static int after_33;
// 34. compound literal: points_to_literal, (compound literal of points_to_literal)
static struct new_structure *points_to_literal = &(struct new_structure){.member = 1};
static int after_34;
// 35. old-style function definition before: after_old_style
static int old_style(a, b) int a; char *b; { return a + b[0]; }
static int after_old_style;
static int after_35;
// 36. attributes before, between and behind: attributed
__attribute__((unused)) static __attribute__((aligned(8))) int attributed __attribute__((section("own"))) = 1;
static int after_36;
// 37. function that returns a pointer to an array before: after_function
static int (*returns_array(void))[3] { return pointer_to_array; }
static int after_function;
static int after_37;
// 38. vector type: vector
static int vector __attribute__((vector_size(16)));
static int after_38;
// 39. generic selection as initialiser: selected
static int selected = _Generic((char)0, char: 1, default: 2);
static int after_39;
// 40. address constant with arithmetic, offsetof: address_constant, offset_constant
static int *address_constant = &designated[3] + 1;
static size_t offset_constant = offsetof(struct new_structure, next);
static int after_40;
// 41. assembly at file scope and empty declarations before: after_assembly
__asm__(".globl ignored; ignored = 0");
;
static int after_assembly;
static int after_41;
// 42. digraphs and line continuation: digraphs, continued
static int digraphs<:2:> = <%1, 2%>;
static i\
nt contin\
ued;
static int after_42;
// 43. a declaration whose parts depend on conditions: conditional
static int conditional
#if defined(__GNUC__)
    = 1
#else
    = 2
#endif
    ;
static int after_43;
// 44. flexible array member with an initialiser, after __extension__: flexible
__extension__ static struct { int length; char bytes[]; } flexible = {2, {1, 2}};
static int after_44;
// 45. identifier with universal characters: größe, caf\u00e9
static int größe, caf\u00e9;
static int after_45;
