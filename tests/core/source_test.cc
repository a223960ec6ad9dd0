#include <algorithm>

#include <catch2/catch.hpp>

#include "base/text.h"
#include "source/source.h"
#include "source/unit_origin.h"

namespace ringfence {
namespace {

using Words = std::vector<std::string>;
using Content = std::map<std::string, std::string>;

// A database entry in the `arguments` form, run in /t.
std::string entry(const std::string &file, const std::string &arguments, const std::string &directory = "/t") {
  return R"({"directory":")" + directory + R"(","file":")" + file + R"(","arguments":[)" + arguments + "]}";
}

SourceOptions options_for(const std::string &path) {
  SourceOptions options;
  options.path = path;
  return options;
}

Result<SourceTree> load(const Content &content, const SourceOptions &options = options_for("/t")) {
  return load_tree(options, MemoryFileSystem(content));
}

std::string error_of(const Result<SourceTree> &tree) { return tree ? "(none)" : tree.error().message; }

Words ids(const SourceTree &tree) {
  Words result;
  for (const CompileUnit &unit : tree.units)
    result.push_back(unit.id);
  return result;
}

bool has_note(const SourceTree &tree, const std::string &part) {
  return std::any_of(tree.notes.begin(), tree.notes.end(),
                     [&](const std::string &note) { return note.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("a folder of installed modules is told what reads it") {
  SourceOptions options;
  options.path = "/site/pack";
  const auto tree = load_tree(options, MemoryFileSystem(std::map<std::string, std::string>{{"/site/pack/_m.so", ""}}));
  REQUIRE(!tree);
  CHECK(tree.error().message.find("ringfence audit") != std::string::npos);
}

TEST_CASE("both forms of a database, relative paths and a file that no unit names") {
  const Content content = {
      {"/t/compile_commands.json",
       "[" + entry("a.c", R"("gcc","-Iinc","-DX=\"1\"","-c","a.c")") +
           R"(,{"directory":"/t/sub","file":"../b.cpp","command":"g++ -std=c++17 '-DY=1 2' -c ../b.cpp -o b.o"}])"},
      {"/t/a.c", ""},
      {"/t/b.cpp", ""},
      {"/t/left.c", ""},
      {"/t/left.h", ""}};
  const auto tree = load(content);
  REQUIRE(tree);
  CHECK(tree->root == "/t");
  CHECK(tree->build.empty());
  REQUIRE(ids(*tree) == Words{"a.c", "b.cpp"});
  CHECK(tree->units[0].arguments == Words{"-x", "c", "-Iinc", "-DX=\"1\""});
  CHECK(tree->units[0].directory == "/t");
  CHECK(tree->units[0].origin == UnitOrigin::database);
  CHECK(tree->units[1].file == "/t/b.cpp");
  CHECK(tree->units[1].directory == "/t/sub");
  CHECK(tree->units[1].arguments == Words{"-x", "c++", "-std=c++17", "-DY=1 2"});
  CHECK(tree->units[1].language == Language::cxx);
  CHECK(tree->uncovered == Words{"left.c"});
}

TEST_CASE("exact duplicates are one unit, other arguments make further units, in any order of the database") {
  const std::string one = entry("a.c", R"("cc","-DA","-c","a.c","-o","1.o")"),
                    again = entry("/t/a.c", R"("cc","-DA","-c","a.c","-o","2.o")"),
                    two = entry("a.c", R"("cc","-DB","-c","a.c")");
  const auto tree = load({{"/t/compile_commands.json", "[" + two + "," + one + "," + again + "]"}, {"/t/a.c", ""}});
  const auto turned = load({{"/t/compile_commands.json", "[" + again + "," + one + "," + two + "]"}, {"/t/a.c", ""}});
  REQUIRE(tree);
  REQUIRE(turned);
  CHECK(ids(*tree) == Words{"a.c", "a.c#2"});
  CHECK(tree->units[0].arguments.back() == "-DA");
  CHECK(tree->units == turned->units);
}

TEST_CASE("a broken database is an error that says where") {
  const auto [text, message] = GENERATE(table<std::string, std::string>({
      {"", "line 1, column 1"},
      {"[\n {\"file\" }]", "/t/compile_commands.json: line 2, column"},
      {"{}", "the top level is no array"},
      {"[1e9999999]", "number overflow"},
      {"[1]", "entry 1 is no object"},
      {"[{\"file\":\"a.c\"}]", "entry 1 has no \"directory\""},
      {"[{\"directory\":1}]", "entry 1 \"directory\" is no string"},
      {"[{\"directory\":\"/t\",\"file\":\"a.c\"}]", "entry 1 has neither"},
      {"[{\"directory\":\"/t\",\"file\":\"\",\"command\":\"\"}]", "\"file\" is empty"},
      {"[{\"directory\":\"/t\",\"file\":\"a\\u0000b\",\"command\":\"\"}]", "null character"},
      {"[{\"directory\":\"/t\",\"file\":\"a.c\",\"arguments\":[1]}]", "no string"},
      {"[{\"directory\":\"/t\",\"file\":\"a.c\",\"arguments\":{}}]", "no array"},
      {"[{\"directory\":\"/t\",\"file\":\"a.c\",\"command\":\"cc 'a.c\"}]", "never closed"},
  }));
  const auto tree = load({{"/t/compile_commands.json", text}, {"/t/a.c", ""}});
  INFO(error_of(tree));
  CHECK(error_of(tree).find(message) != std::string::npos);
}

TEST_CASE("a database that nests without end is an error, not a crash") {
  const auto tree = load({{"/t/compile_commands.json", std::string(200000, '[')}, {"/t/a.c", ""}});
  CHECK(error_of(tree).find("compile_commands.json") != std::string::npos);
}

TEST_CASE("names that are not UTF-8 stay as they are") {
  const std::string name = "/t/n\xff\xe9.c";
  const auto tree =
      load({{"/t/compile_commands.json", "[" + entry("n\xff\xe9.c", "\"cc\",\"-DN=\xfe\",\"n\xff\xe9.c\"") + "]"},
            {name, ""}});
  REQUIRE(tree);
  REQUIRE(tree->units.size() == 1);
  CHECK(tree->units[0].file == name);
  CHECK(tree->units[0].arguments.back() == "-DN=\xfe");
  CHECK(tree->uncovered.empty());
}

TEST_CASE("files that are gone stay units, and a note names them") {
  const auto tree = load({{"/t/compile_commands.json", "[" + entry("gone.c", R"("cc","gone.c")") + "]"}});
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"gone.c"});
  CHECK(has_note(*tree, "1 unit without a source file to read: gone.c"));
}

TEST_CASE("databases are looked for in the folder, its build folders and the folders above") {
  const std::string database = "[" + entry("/t/s/a.c", R"("cc","-DFOUND","/t/s/a.c")") + "]";
  const std::string place = GENERATE("/t/s/compile_commands.json", "/t/s/build-x/compile_commands.json",
                                     "/t/compile_commands.json", "/t/build/compile_commands.json");
  const auto tree = load({{place, database}, {"/t/s/a.c", ""}}, options_for("/t/s"));
  REQUIRE(tree);
  REQUIRE(tree->units.size() == 1);
  CHECK(tree->units[0].arguments.back() == "-DFOUND");
  CHECK(tree->build.empty());
}

TEST_CASE("a database above that is broken or foreign is passed over with a note") {
  const std::string text = GENERATE("{", "[]", "[{\"directory\":\"/o\",\"file\":\"x.c\",\"command\":\"cc x.c\"}]");
  const auto tree = load({{"/compile_commands.json", text}, {"/t/a.c", ""}});
  REQUIRE(tree);
  CHECK(tree->units.at(0).origin == UnitOrigin::inferred);
  CHECK(has_note(*tree, "passed over") == (text == "{"));
}

TEST_CASE("a database that was named must fit") {
  SourceOptions options = options_for("/t");
  options.database = "/d";
  CHECK(error_of(load({{"/t/a.c", ""}}, options)).find("no compile database /d") == 0);
  CHECK(error_of(load({{"/t/a.c", ""}, {"/d/x", ""}}, options)) == "no compile_commands.json in /d");
  CHECK(error_of(load({{"/t/a.c", ""}, {"/d/compile_commands.json", "[]"}}, options))
            .find("names no C or C++ file of /t") != std::string::npos);
}

TEST_CASE("generated files of a build folder beside the tree are project code, others are not") {
  SourceOptions options = options_for("/t");
  options.database = "/b";
  const auto tree =
      load({{"/b/compile_commands.json",
             "[" + entry("/t/a.c", R"("cc","/t/a.c")", "/b") + "," + entry("gen.c", R"("cc","gen.c")", "/b") + "," +
                 entry("/o/x.c", R"("cc","/o/x.c")", "/b") + "," + entry("/t/s.S", R"("cc","/t/s.S")", "/b") + "]"},
            {"/t/a.c", ""},
            {"/b/gen.c", ""},
            {"/o/x.c", ""}},
           options);
  REQUIRE(tree);
  CHECK(tree->build == "/b");
  CHECK(ids(*tree) == Words{"<build>/gen.c", "a.c"});
  CHECK(has_note(*tree, "1 command of the database compile files outside the tree"));
  CHECK(has_note(*tree, "1 command of the database left out: neither C nor C++"));
}

TEST_CASE("the build folder is where the commands run if the database lies elsewhere") {
  SourceOptions options = options_for("/w/t");
  options.database = "/w/db/cc.json";
  const auto tree = load({{"/w/db/cc.json", "[" + entry("/w/t/a.c", R"("cc","/w/t/a.c")", "/w/b/one") + "," +
                                                entry("gen.c", R"("cc","gen.c")", "/w/b/two") + "]"},
                          {"/w/t/a.c", ""},
                          {"/w/b/two/gen.c", ""}},
                         options);
  REQUIRE(tree);
  CHECK(tree->build == "/w/b");
  CHECK(ids(*tree) == Words{"<build>/two/gen.c", "a.c"});
}

TEST_CASE("refused options are noted") {
  const auto tree = load(
      {{"/t/compile_commands.json", "[" + entry("a.c", R"("gcc","-fplugin=/evil.so","a.c")") + "]"}, {"/t/a.c", ""}});
  REQUIRE(tree);
  CHECK(tree->units.at(0).arguments == Words{"-x", "c"});
  CHECK(has_note(*tree, "refused -fplugin=/evil.so in 1 command"));
}

TEST_CASE("globs choose units and uncovered files alike") {
  SourceOptions options = options_for("/t");
  const Content content = {
      {"/t/compile_commands.json", "[" + entry("a.c", R"("cc","a.c")") + "," + entry("v/b.c", R"("cc","v/b.c")") + "]"},
      {"/t/a.c", ""},
      {"/t/v/b.c", ""},
      {"/t/v/c.c", ""},
      {"/t/d.c", ""}};
  options.exclude = {"v"};
  auto tree = load(content, options);
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"a.c"});
  CHECK(tree->uncovered == Words{"d.c"});
  options.include = {"v/*.c"};
  options.exclude = {"c.c"};
  tree = load(content, options);
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"v/b.c"});
  CHECK(tree->uncovered.empty());
  options.include = {"nothing"};
  CHECK(error_of(load(content, options)).find("left in /t by --include and --exclude") != std::string::npos);
}

TEST_CASE("a single file is scanned with its project's database, or inferred") {
  const std::string database = "[" + entry("s/a.c", R"("cc","-DX","s/a.c")") + "]";
  const Content content = {{"/t/compile_commands.json", database}, {"/t/s/a.c", ""}, {"/t/s/b.c", ""}};
  auto tree = load(content, options_for("/t/s/a.c"));
  REQUIRE(tree);
  CHECK(tree->root == "/t");
  CHECK(ids(*tree) == Words{"s/a.c"});
  CHECK(tree->units[0].arguments.back() == "-DX");
  CHECK(tree->uncovered.empty());
  tree = load(content, options_for("/t/s/b.c"));
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"s/b.c"});
  CHECK(tree->units[0].origin == UnitOrigin::inferred);
  CHECK(has_note(*tree, "does not name s/b.c"));
}

TEST_CASE("paths that hold nothing to scan are errors") {
  CHECK(error_of(load({{"/t/a.c", ""}}, options_for("/u"))) == "no such file or folder: /u");
  CHECK(error_of(load({{"/t/a.txt", ""}})) == "no C or C++ source files in /t");
  CHECK(error_of(load({{"/t/a.txt", ""}}, options_for("/t/a.txt"))) == "no C or C++ source file: /t/a.txt");
}

TEST_CASE("each further configuration repeats the units") {
  SourceOptions options = options_for("/t");
  options.configurations = {{"debug", {"-DPy_DEBUG", "-UNDEBUG", "-std=c11"}}};
  const auto tree = load({{"/t/compile_commands.json",
                           "[" + entry("a.c", R"("cc","-DNDEBUG","a.c")") + "," + entry("a.c", R"("cc","a.c")") + "]"},
                          {"/t/a.c", ""}},
                         options);
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"a.c", "a.c#2", "a.c#2@debug", "a.c@debug"});
  CHECK(tree->units.back().config == "debug");
  CHECK(tree->units[1].arguments == Words{"-x", "c", "-DNDEBUG"});
  CHECK(tree->units[2].arguments == Words{"-x", "c", "-DNDEBUG", "-std=c11", "-DPy_DEBUG", "-UNDEBUG"});
}

TEST_CASE("a configuration needs a name of its own and plain options") {
  const Content content = {{"/t/a.c", ""}};
  const auto message = [&](std::vector<Configuration> configurations) {
    SourceOptions options = options_for("/t");
    options.configurations = std::move(configurations);
    return error_of(load(content, options));
  };
  CHECK(message({{"", {"-DX"}}}).find("needs a name") != std::string::npos);
  CHECK(message({{"a", {}}, {"a", {}}}).find("twice") != std::string::npos);
  CHECK(message({{"a", {"x.c"}}}).find("no option: x.c") != std::string::npos);
  CHECK(message({{"a", {"-fplugin=x"}}}).find("not allowed") != std::string::npos);
}

TEST_CASE("folders of version control, builds and environments are not entered") {
  const auto tree = load({{"/t/a.c", ""},
                          {"/t/.git/x.c", ""},
                          {"/t/env/pyvenv.cfg", ""},
                          {"/t/env/x.c", ""},
                          {"/t/build/CMakeCache.txt", ""},
                          {"/t/build/x.c", ""},
                          {"/t/tools/build/real.c", ""}});
  REQUIRE(tree);
  CHECK(ids(*tree) == Words{"a.c", "tools/build/real.c"});
  CHECK(has_note(*tree, "2 folders not entered (builds, environments, links): build, env"));
}

TEST_CASE("any read that fails gives an error or a tree that still lists every file") {
  const std::string database = "[" + entry("a.c", R"("cc","@args","a.c")") + "]";
  for (int n = 1; n <= 12; ++n) {
    MemoryFileSystem files(
        {{"/t/compile_commands.json", database}, {"/t/args", "-DX"}, {"/t/a.c", "#include \"b.h\"\n"}, {"/t/b.h", ""}});
    files.fail_read(n);
    const auto tree = load_tree(options_for("/t"), files);
    CHECK((!tree || ids(*tree) == Words{"a.c"}));
  }
}

} // namespace ringfence
