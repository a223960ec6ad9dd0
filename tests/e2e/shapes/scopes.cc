// Declaration shapes of C++. Compiled as -std=c++20.

// 65. inline and constinit variables: shared, initialised
inline int shared = 1;
constinit static int initialised = 2;
static int after_65;
// 66. static members, in nested classes: member, inline_member, deep
struct Outer {
  static int member;
  inline static int inline_member = 1;
  struct Inner { static thread_local int deep; };
};
int Outer::member, after_66;
thread_local int Outer::Inner::deep;
// 67. linkage specification, unnamed and inline namespaces: in_c, in_braces, unnamed, in_inline
extern "C" int in_c = 1;
extern "C" { static int in_braces; }
namespace { int unnamed; }
inline namespace version { int in_inline; }
static int after_67;
// 68. raw string, user-defined literal: raw, measured
constexpr unsigned long long operator""_units(unsigned long long value) { return value; }
static const char *raw = R"code(static int not_a_declaration; "})code";
static unsigned long long measured = 1'000'000_units;
static int after_68;
// 69. pointers to members and functions with trailing types: to_member, to_method, trailing
static int Outer::Inner::*to_member;
static int (Outer::*to_method)(int) const noexcept;
static auto (*trailing)(int) -> int (*)[2];
static int after_69;
// 70. templates: of_variable, of_class, function_template():of_function
template <class T> T of_variable = 1;
template <class T> struct Template { static T of_class; };
template <class T> T Template<T>::of_class;
template <class T> requires(sizeof(T) > 1) int function_template() { static T of_function; return int(of_function++); }
int instantiate() { return of_variable<int> + Template<int>::of_class + function_template<long>(); }
static int after_70;
// 71. lambdas, in functions and initialisers: uses_lambda():in_lambda, from_lambda
int uses_lambda() { return [](auto x) { static int in_lambda; return in_lambda += x; }(1); }
static int from_lambda = [] { return 1; }();
static int after_71;
// 72. statements with initialisers, local classes: statements():in_if, method():in_local_class
int statements(int flag) {
  if (static int in_if; flag) in_if++;
  struct Local { int method() { static int in_local_class; return in_local_class++; } };
  static int after_72;
  return after_72 + Local().method();
}
// 73. structured bindings, decltype, references: [bound_a, bound_b], deduced, referenced
struct Two { int a, b; };
static auto [bound_a, bound_b] = Two{1, 2};
static decltype(auto) deduced = (shared);
static const int &referenced = 4;
static int after_73;
