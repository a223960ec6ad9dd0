// What units begin with alike, and that parsing it once changes no fact.
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "extract/extract.h"
#include "extract/shared/extract_all.h"
#include "extract/shared/intrinsics.h"
#include "extract/shared/leading_directives.h"
#include "extract/shared/prefix_tree.h"
#include "facts/codec.h"

namespace ringfence {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of(const std::string &source) {
  std::vector<std::string> texts;
  for (const LeadingDirective &directive : leading_directives(source, true))
    texts.push_back(directive.text);
  return texts;
}

using Texts = std::vector<std::string>;
using Sources = std::map<std::string, std::string>; // name below the root to text

// A folder of files that goes away.
class Folder {
public:
  explicit Folder(const Sources &sources) {
    std::string pattern = (fs::temp_directory_path() / "ringfence-test-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    root = fs::canonical(pattern).string();
    for (const auto &[name, text] : sources) {
      fs::create_directories(fs::path(root, fs::path::native_format) / fs::path(name).parent_path());
      std::ofstream(root + "/" + name, std::ios::binary) << text;
    }
  }
  ~Folder() { fs::remove_all(root); }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  std::string root;
};

// Each file whose name ends with ".c" or ".cc", in the order of their names.
std::vector<CompileUnit> units_of(const Sources &sources, const std::string &root,
                                  const std::vector<std::string> &arguments = {}) {
  std::vector<CompileUnit> units;
  for (const auto &[name, text] : sources)
    if (name.ends_with(".c") || name.ends_with(".cc")) {
      CompileUnit unit;
      unit.id = name;
      unit.file = root + "/" + name;
      unit.directory = root;
      unit.arguments = arguments;
      unit.language = name.ends_with(".c") ? Language::c : Language::cxx;
      units.push_back(std::move(unit));
    }
  return units;
}

// The facts of all units in their order; `dependencies` gets every path, whatever unit asked for it.
std::vector<std::string> facts_of(const std::vector<CompileUnit> &units, const std::string &root, bool shared,
                                  std::vector<Dependencies> &dependencies) {
  std::vector<std::string> facts(units.size());
  dependencies.assign(units.size(), {});
  extract_all(units, {root, ""},
              {.jobs = 2, .shared_parse = shared, .dependencies = true, .without_intrinsics_from = 1},
              [&](std::size_t i, const TuFacts &read, Dependencies seen) {
                CHECK(facts[i].empty());
                facts[i] = encode(read);
                dependencies[i] = std::move(seen);
              });
  return facts;
}

using Arguments = std::map<std::string, std::vector<std::string>>; // of units that have their own, by name

void check_same(const Sources &sources, const std::vector<std::string> &arguments = {}, const Arguments &own = {}) {
  const Folder folder(sources);
  std::vector<CompileUnit> units = units_of(sources, folder.root, arguments);
  for (CompileUnit &unit : units)
    if (const auto found = own.find(unit.id); found != own.end())
      unit.arguments = found->second;
  std::vector<Dependencies> apart_dependencies, shared_dependencies;
  const std::vector<std::string> apart = facts_of(units, folder.root, false, apart_dependencies);
  const std::vector<std::string> shared = facts_of(units, folder.root, true, shared_dependencies);
  for (std::size_t i = 0; i < units.size(); ++i) {
    INFO(units[i].id);
    CHECK_FALSE(apart[i].empty());
    CHECK(shared[i] == apart[i]);
    // What a plain parse rests on, a shared one names too, with the same state.
    for (const auto &[path, state] : apart_dependencies[i]) {
      INFO(path);
      REQUIRE(shared_dependencies[i].contains(path));
      if (state.size() > 1)
        CHECK(shared_dependencies[i].at(path) == state);
    }
    for (const auto &[path, state] : shared_dependencies[i]) // none of a piece
      CHECK((path.find("ringfence-") == std::string::npos || path.find("ringfence-test-") != std::string::npos));
  }
}

} // namespace

TEST_CASE("leading directives end at the first thing that must stay where it is") {
  CHECK(texts_of("/* license */\n#define A 1 // one\n# include <a.h>\n#include \"b.h\"\nint x;\n#include <c.h>\n") ==
        Texts{"#define A 1\n", "#include <a.h>\n", "#include \"b.h\"\n"});
  CHECK(texts_of("#define F(x) x\n#define G (x)\n#define LONG a \\\n  b\n#undef F\n") ==
        Texts{"#define F(x) x\n", "#define G (x)\n", "#define LONG a b\n", "#undef F\n"});
  CHECK(texts_of("#ifndef A\n#  define A 1\n#endif\n#if B\n#include <b.h>\n#else\n#if C\n#endif\n#endif\n") ==
        Texts{"#ifndef A\n#define A 1\n#endif\n", "#if B\n#include <b.h>\n#else\n#if C\n#endif\n#endif\n"});
  for (const char *last : {"#line 3", "#include NAME", "#include_next <a.h>", "#pragma once", "#pragma GCC poison x",
                           "#define A __LINE__", "#if __has_include(\"x.h\")\n#endif", "#if X\nint x;\n#endif", "#if X",
                           "#endif", "#", "#import <a.h>", "#include <a.h> // ringfence: allow RF101 why",
                           "#define A \"\?\?/\"", "extern \"C\" {", "#include <a//b.h>", "#embed \"x\""})
    CHECK(texts_of(std::string("#include <first.h>\n") + last + "\n#include <second.h>\n") ==
          Texts{"#include <first.h>\n"});
  CHECK(texts_of("#include <first.h>") == Texts{"#include <first.h>\n"});
  CHECK(texts_of("").empty());
}

TEST_CASE("what was parsed becomes blanks, all else keeps its place") {
  const std::string source = "/* a */ #define A \\\n 1 /* b */\n#include <b.h> // c\nint x;\n";
  const std::vector<LeadingDirective> directives = leading_directives(source, true);
  CHECK(without_directives(source, directives, 0) == source);
  CHECK(without_directives(source, directives, 1) == "/* a */            \n   /* b */\n#include <b.h> // c\nint x;\n");
  CHECK(without_directives(source, directives, 2) == "/* a */            \n   /* b */\n               // c\nint x;\n");
}

TEST_CASE("units are grouped by what they begin with") {
  const Sources sources = {{"r/a.c", "#include <p.h>\n#include <q.h>\nint a;\n"},
                           {"r/b.c", "#include <p.h>\n#include <q.h>\n#include <r.h>\n"},
                           {"r/c.c", "#include <p.h>\nint c;\n"},
                           {"r/d.c", "int d;\n"},
                           {"r/sub/e.c", "#include \"own.h\"\n"},
                           {"r/sub/f.c", "#include \"own.h\"\n"},
                           {"r/sub/own.h", ""},
                           {"r/g.c", "#include \"own.h\"\n"}};
  std::map<std::string, std::string> files;
  for (const auto &[name, text] : sources)
    files["/" + name] = text;
  std::vector<CompileUnit> units = units_of(sources, "");
  REQUIRE(units.size() == 7);
  const std::vector<PrefixNode> trees = prefix_trees(units, MemoryFileSystem(files));
  REQUIRE(trees.size() == 1);
  const PrefixNode &root = trees[0];
  CHECK(root.size == 7);
  CHECK(root.directives.empty());
  CHECK(root.units == std::vector<std::size_t>{3, 4}); // d.c; g.c, whose own.h is another
  REQUIRE(root.children.size() == 2);
  CHECK(root.children[0].directives == std::vector<SharedDirective>{{"#include <p.h>\n", ""}});
  CHECK(root.children[0].units == std::vector<std::size_t>{2});
  REQUIRE(root.children[0].children.size() == 1);
  CHECK(root.children[0].children[0].units == std::vector<std::size_t>{0, 1});
  CHECK(root.children[1].directives == std::vector<SharedDirective>{{"#include \"own.h\"\n", "/r/sub"}});

  units[0].arguments = {"-DX", "-Ix"};
  units[1].arguments = {"-include", "x.h"};
  units[3].arguments = {"-O2"};
  const std::vector<PrefixNode> joined = prefix_trees(units, MemoryFileSystem(files));
  REQUIRE(joined.size() == 3);
  CHECK(joined[0].size == 5);
  const std::vector<PrefixNode> &nodes = joined[0].children;
  REQUIRE(nodes.size() == 2);
  CHECK(nodes[1].directives == std::vector<SharedDirective>{{"#include <p.h>\n", ""}});
  CHECK(nodes[1].units == std::vector<std::size_t>{2});
  REQUIRE(nodes[1].children.size() == 1);
  CHECK(nodes[1].children[0].options == std::vector<std::string>{"-DX", "-Ix"});
  CHECK(nodes[1].children[0].directives == std::vector<SharedDirective>{{"#include <q.h>\n", ""}});
  CHECK(prefix_trees_apart(units, {0, 2}, MemoryFileSystem(files)).size() == 2);
}

TEST_CASE("shared parses give the facts of plain ones") {
  check_same({{"all.h", "#pragma once\n#include <limits.h>\nextern int declared;\nstatic int in_header;\n"
                        "static inline int bump(void) { static int calls; return ++calls + in_header; }\n"},
              {"sub/beside.h", "static int beside_sub;\n"},
              {"beside.h", "static int beside_root;\n"},
              {"a.c", "/* A */\n#include \"all.h\"\n#include \"beside.h\"\nint a = 1; // ringfence: allow RF101 why\n"},
              {"b.c", "#include \"all.h\"\n#include \"beside.h\"\nint b(void) { return bump(); }\n"},
              {"sub/c.c", "#include \"../all.h\"\n#include \"beside.h\"\nint c(void) { return ++beside_sub; }\n"},
              {"sub/d.c", "#include \"../all.h\"\n#include \"beside.h\"\nint d(void) { return ++declared; }\n"},
              {"e.c", "#ifndef E\n#define E 1\n#endif\n#include \"all.h\"\n#ifdef GONE\nint gone;\n#endif\nint e;\n"},
              {"f.c", "#ifndef E\n#define E 1\n#endif\n#include \"all.h\"\nint f;\n"}});
}

TEST_CASE("shared parses give the facts of plain ones, in C++") {
  check_same(
      {{"all.h", "#include <string>\nnamespace n { inline int counter; template <class T> struct S { static T v; };"
                 " template <class T> T S<T>::v; }\n"},
       {"a.cc", "#include \"all.h\"\nint f() { return ++n::counter + n::S<int>::v; }\n"},
       {"b.cc", "#include \"all.h\"\nstatic std::string text; int f() { return ++n::S<int>::v; }\n"},
       {"c.cc", "#include \"all.h\"\n#include <vector>\nstd::vector<int> kept;\n"}},
      {"-std=c++20"});
}

TEST_CASE("a unit that can tell that it is not the main file is parsed apart") {
  const std::string begin = "#include \"all.h\"\n#include \"more.h\"\n";
  check_same({{"all.h", "#include <stddef.h>\nstatic int level[__INCLUDE_LEVEL__];\n"},
              {"more.h", "#ifdef SELF\nstatic int seen_again;\n#endif\n"},
              {"a.c", begin + "static int a;\n"},
              {"b.c", begin + "static int b[__INCLUDE_LEVEL__ + 1];\n"}});
  check_same({{"all.h", "#include <stddef.h>\n"},
              {"more.h", "#ifdef SELF\nstatic int seen_again;\n#endif\n"},
              {"a.c", begin + "static char a[] = __BASE_FILE__;\n"},
              {"b.c", begin + "static char b[] = __FILE__; static int line[__LINE__]; static int n = __COUNTER__;\n"},
              {"c.c", begin + "#ifndef SELF\n#define SELF\n#include \"c.c\"\n#else\nstatic int inner;\n#endif\n"},
              {"d.c", begin + "#pragma GCC system_header\nstatic int d;\n"},
              {"e.c", begin + "#include_next <stddef.h>\nstatic int e;\n"},
              {"f.c", begin + "#pragma once\nstatic int f;\n"},
              {"g.c", begin + "#include \"a.c\"\nstatic int g;\n"}});
}

TEST_CASE("options that a prefix cannot tell may come late") {
  const std::string begin = "#include <all.h>\n#include <more.h>\n";
  check_same({{"inc/all.h", "#ifdef SEEN\nstatic int all_seen;\n#endif\nstatic int all;\n"},
              {"inc/more.h", "#include <limits.h>\nstatic int more;\n"},
              {"own/late.h", "#ifdef LATE\nstatic int late = LATE;\n#endif\n"},
              {"hide/more.h", "static int hidden;\n"},
              {"a.c", begin + "int a;\n"},
              {"b.c", begin + "int b;\n"},
              {"c.c", begin + "#include <late.h>\nint c;\n"},
              {"d.c", begin + "#include <late.h>\nstatic int d = __LINE__;\n"},
              {"e.c", begin + "int e;\n"},
              {"f.c", begin + "static int f = F(LATE);\n"},
              {"g.c", begin + "static int g;\n"}},
             {"-Iinc"},
             {{"c.c", {"-Iown", "-Iinc", "-DLATE=1"}},
              {"d.c", {"-Iown", "-Iinc", "-DLATE"}},
              {"e.c", {"-DSEEN", "-Iinc"}},
              {"f.c", {"-Iinc", "-DLATE=2", "-DF(x)=x * x", "-Iinc"}},
              {"g.c", {"-Ihide", "-Iinc"}}});
}

TEST_CASE("a unit that names intrinsics sees them") {
  const std::string begin = "#include \"all.h\"\n#include \"more.h\"\n";
  const Sources sources = {{"all.h", "#include <stddef.h>\n#if defined(__x86_64__)\n#include <emmintrin.h>\n#endif\n"},
                           {"more.h", "static int more;\n"},
                           {"named.h", "#ifdef __SSE2__\nstatic inline __m128i both(__m128i a) { return "
                                       "_mm_add_epi32(a, a); }\n#endif\n"},
                           {"a.c", begin + "int a;\n"},
                           {"b.c", begin + "static int b;\n"},
                           {"c.c", begin + "#ifdef __SSE2__\n__m128i c(__m128i x) { more++; return _mm_add_epi16(x, "
                                           "x); }\n#endif\nstatic int c0;\n"},
                           {"d.c", begin + "#include \"named.h\"\nstatic int d0;\n"},
                           {"e.c", begin + "#include \"named.h\"\nstatic int e0 = 1;\n"},
                           {"f.c", begin +
                                       "#define PASTE(a) _mm_add_##a\n#ifdef __SSE2__\n__m128i f(__m128i x) { return "
                                       "PASTE(epi8)(x, x); }\n#endif\n"}};
  check_same(sources);
}

TEST_CASE("a header of intrinsics loses the functions that nothing in the headers names") {
  const std::string first =
      "#ifndef A\n#define ALL(x) kept(x)\ntypedef int m;\n/* { named in a comment: dropped */\n"
      "static __inline__ m __attribute__((a(1)))\ndropped(m x, m (*y)(m)) {\n  return inner(x);\n}\n"
      "static __inline__ m ATTR kept(m x)\n{\n  if (x) { return deeper(x); }\n  return 0;\n}\n";
  const std::string second = "\nstatic __inline__ m ATTR deeper(m x) {\n  return x;\n}\n"
                             "static __inline__ m prototype(m);\nstatic int a[] = {\n};\n"
                             "static __inline__ m branches(m x) {\n#if X\n  return x;\n#endif\n}\n"
                             "static __inline__ m inner(m x) { return x;\n}\n";
  const Intrinsics headers = blank_unused_intrinsics({{"a", first}, {"b", second}});
  CHECK(headers.at("a").names == std::vector<std::string>{"dropped"});
  CHECK(headers.at("b").names == std::vector<std::string>{"inner"});
  CHECK(headers.at("a").text.size() == first.size());
  CHECK(headers.at("a").text.find("dropped(m x") == std::string::npos);
  CHECK(headers.at("a").text.find("kept(m x)") == first.find("kept(m x)"));
  CHECK(std::count(headers.at("a").text.begin(), headers.at("a").text.end(), '\n') ==
        std::count(first.begin(), first.end(), '\n'));
  CHECK(headers.at("b").text.find("branches") != std::string::npos);
  CHECK(blank_unused_intrinsics({{"a", ""}, {"b", "\nstatic __inline"}, {"c", "/*"}, {"d", "\nstatic __inline f() {"}})
            .at("d")
            .names.empty());
}

TEST_CASE("most functions of Clang's headers of intrinsics need not be shown") {
  std::size_t names = 0;
  for (const auto &[path, header] : read_intrinsics())
    names += header.names.size();
  CHECK(names > 4000); // 4,413 with Clang 19
}

TEST_CASE("errors are told as by a plain parse") {
  check_same({{"all.h", "#include <stddef.h>\n"},
              {"a.c", "#include \"all.h\"\nint a = ;\n"},
              {"b.c", "#include \"all.h\"\n#include \"missing.h\"\nint b;\n"},
              {"c.c", "#include \"all.h\"\n#include \"missing.h\"\nint c;\n"},
              {"d.c", "#include \"all.h\"\n#if X\nint d;\n"},
              {"e.c", std::string("#include \"all.h\"\nint e = ") + std::string(200000, '(') + "\n"}, // the stack ends
              {"f.c", ""}});
  check_same(
      {{"Python.h", "#define PY_VERSION_HEX 0x030b00f0\ntypedef struct { int slot; void *value; } PyModuleDef_Slot;\n"},
       {"a.c", "#include <Python.h>\nint one;\n#include \"missing.h\"\nint *table[] = {&one, UNKNOWN, &one};\n"},
       {"b.c", "#include <Python.h>\nPyModuleDef_Slot slots[] = {{Py_mod_gil, Py_MOD_GIL_NOT_USED}, {0, 0}};\n"},
       {"c.c", "#include <Python.h>\nint get(void) { return Py_IsNone(0) + undeclared() + OTHER; }\n"},
       {"d.c", "#include <Python.h>\n#error no\nint d;\n"},
       {"e.c", "#include <Python.h>\nint e;\n"}});
  check_same({{"all.h", "#include <stddef.h>\ntemplate <class T> struct box { T of; int n = T::none; };\n"},
              {"a.cc", "#include \"all.h\"\nstruct one {};\nbox<one> made;\nint after;\n"},
              {"b.cc", "#include \"all.h\"\nint b = missing::name;\nstatic int c;\n"},
              {"c.cc", "#include \"all.h\"\nint c;\n"}});
}

} // namespace ringfence
