// Every way in which C++ makes a writable symbol: scopes, templates, initialisation at run time.
struct Text {
  const char *text;
  Text(const char *from = nullptr) : text(from) {}
  ~Text() { text = nullptr; }
};

namespace outer {
static int in_namespace;
inline namespace version { int in_inline_namespace; }
struct Class {
  static int member;
  inline static int inline_member = 1;
  static thread_local int thread_member;
  template <class T> static T member_template;
  int method() const {
    static int local = 1;
    { static int local; local++; }
    return local++;
  }
  Class() { static int in_constructor; in_constructor++; }
  ~Class() { static int in_destructor; in_destructor++; }
  operator bool() const { static int in_conversion; return in_conversion++; }
  int operator()(int x) const { static int in_call; return in_call += x; }
  bool operator<(const Class &) const { static int in_comparison; return in_comparison++; }
};
int Class::member;
thread_local int Class::thread_member;
template <class T> T Class::member_template;
} // namespace outer

namespace {
int anonymous;
thread_local int thread_plain = 1;
thread_local Text thread_dynamic;
} // namespace

Text dynamic("constructed at load time");
static Text dynamic_static;
const Text &reference = dynamic;
int &&extended = 3;
inline int inline_variable = 4;
int array[3];
const char *names[] = {"a", "b"};
extern "C" { int c_linkage; static int c_static; }
static union { int anonymous_union; float other; };
struct Pair { int x, y; };
auto [bound_x, bound_y] = Pair{1, 2};
struct { int member; } without_tag;

template <class T> struct Holder {
  static int count;
  static T value;
};
template <class T> int Holder<T>::count = 1;
template <class T> T Holder<T>::value;
template struct Holder<int>;
template <class T> T variable_template = 1;
template <class T> int function_template(T x) {
  static T last;
  return int(last = x);
}

inline int inline_function() { static int local; return local++; }
static int unused_function() { static int local; return local++; }

struct Virtual { virtual ~Virtual(); };
Virtual::~Virtual() {}

int use() {
  auto lambda = [](int x) { static int in_lambda; return in_lambda += x; };
  static Text guarded("constructed at first use");
  outer::Class object;
  return lambda(1) + object.method() + object(1) + Holder<char>::count + variable_template<int> +
         outer::Class::member_template<long> + function_template(1) + function_template('a') + inline_function() +
         outer::in_namespace + outer::Class::inline_member + anonymous + thread_plain + inline_variable + anonymous_union +
         c_static + (guarded.text != nullptr) + (thread_dynamic.text != nullptr);
}
