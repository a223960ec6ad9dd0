#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "capture/capture_log.h"
#include "source/source.h"

namespace ringfence {
namespace {

using Words = std::vector<std::string>;
using nlohmann::json;

json database_of(const std::vector<RecordedCommand> &commands, const std::map<std::string, std::string> &content) {
  std::size_t entries = 0;
  const json database = json::parse(encode_database(commands, MemoryFileSystem(content), entries));
  CHECK(database.size() == entries);
  return database;
}

} // namespace

TEST_CASE("a line of the capture log holds any command, bytes and line ends too") {
  const RecordedCommand command{"/w\xff", {"/usr/bin/cc", "-DX=\"a b\"\n", "n\xe9.c", "\xc3\xa9"}};
  const std::string line = encode_line(command);
  CHECK(line.find('\n') == line.size() - 1);
  std::size_t damaged = 0;
  CHECK(decode_log(line + line, damaged) == std::vector<RecordedCommand>{command, command});
  CHECK(damaged == 0);
}

TEST_CASE("damaged lines of the capture log are counted") {
  std::size_t damaged = 0;
  const auto commands = decode_log(
      "{\"directory\":\"/w\"\n[]\n{\"directory\":1,\"arguments\":[]}\n\n" + encode_line({"/w", {"cc"}}), damaged);
  CHECK(commands.size() == 1);
  CHECK(damaged == 3);
}

TEST_CASE("each source of a command has an entry that compiles it alone") {
  const json database = database_of({{"/w", {"/usr/bin/gcc", "-DX", "b.c", "lib.o", "s/a.c", "-o", "prog", "-lm"}}},
                                    {{"/w/b.c", ""}, {"/w/s/a.c", ""}});
  REQUIRE(database.size() == 2);
  CHECK(database[0] == json{{"directory", "/w"},
                            {"file", "b.c"},
                            {"arguments", {"/usr/bin/gcc", "-DX", "b.c", "lib.o", "-o", "prog", "-lm"}}});
  CHECK(database[1].at("file") == "s/a.c");
  CHECK(database[1].at("arguments") == json{"/usr/bin/gcc", "-DX", "lib.o", "s/a.c", "-o", "prog", "-lm"});
}

TEST_CASE("what compiles nothing, probes of configure and repetitions leave no entry") {
  const RecordedCommand real{"/w", {"/usr/bin/cc", "-c", "a.c"}};
  const json database = database_of({real,
                                     real,
                                     {"/w", {"/usr/bin/cc", "-E", "a.c"}},
                                     {"/w", {"/usr/bin/cc", "-M", "a.c"}},
                                     {"/w", {"/usr/bin/cc", "--version"}},
                                     {"/w", {"/usr/bin/cc", "a.o", "-o", "a"}},
                                     {"/w", {"/usr/bin/cc", "-c", "conftest.c"}},
                                     {"/w", {"/usr/bin/cc", "-x", "c", "-"}},
                                     {"/w", {"/usr/bin/ccache", "-s"}},
                                     {"/w", {}}},
                                    {{"/w/a.c", ""}});
  CHECK(database.size() == 1);
}

TEST_CASE("a captured database can be loaded again") {
  std::size_t entries = 0;
  std::map<std::string, std::string> content = {{"/w/n\xe9 1.c", ""}};
  content["/w/compile_commands.json"] = encode_database(
      {{"/w", {"/usr/bin/ccache", "g++", "-DN=\"\xff\"", "-c", "n\xe9 1.c"}}}, MemoryFileSystem(content), entries);
  SourceOptions options;
  options.path = "/w";
  const auto tree = load_tree(options, MemoryFileSystem(content));
  REQUIRE(tree);
  REQUIRE(tree->units.size() == 1);
  CHECK(tree->units[0].file == "/w/n\xe9 1.c");
  CHECK(tree->units[0].arguments == Words{"-x", "c++", "-DN=\"\xff\""});
}

} // namespace ringfence
