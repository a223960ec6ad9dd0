#include <catch2/catch.hpp>

#include "source/command_line.h"

namespace ringfence {

using Words = std::vector<std::string>;

TEST_CASE("a shell command is split as a shell does") {
  const auto split = [](std::string_view text) {
    return split_command_line(text, Quoting::shell).value_or(Words{"(error)"});
  };
  CHECK(split("gcc  -c\ta.c\n") == Words{"gcc", "-c", "a.c"});
  CHECK(split(R"(a 'b c' "d e" f\ g)") == Words{"a", "b c", "d e", "f g"});
  CHECK(split(R"(-DX='"y"' -DZ=\"w\" "a\"b\q\\")") == Words{R"(-DX="y")", R"(-DZ="w")", R"(a"b\q\)"});
  CHECK(split(R"('a\b')") == Words{R"(a\b)"});
  CHECK(split("a '' \"\" b") == Words{"a", "", "", "b"});
  CHECK(split("a \\\n b") == Words{"a", "b"});
  CHECK(split("$HOME `ls` $(ls) *") == Words{"$HOME", "`ls`", "$(ls)", "*"});
  CHECK(split("").empty());
  CHECK(split("a\\") == Words{"a\\"});
}

TEST_CASE("a quote that is never closed is an error in a command and ends with a response file") {
  CHECK_FALSE(split_command_line("a 'b", Quoting::shell).has_value());
  CHECK(split_command_line("a 'b", Quoting::response).value() == Words{"a", "b"});
  CHECK(split_command_line(R"('a\'b' c\ d)", Quoting::response).value() == Words{"a'b", "c d"});
}

TEST_CASE("response files are read relative to the working directory, nested ones too") {
  const MemoryFileSystem files({{"/w/a.rsp", "-DA @sub/b.rsp"}, {"/w/sub/b.rsp", "'-DB=1 2'"}});
  Words notes;
  CHECK(expand_response_files({"gcc", "@a.rsp", "x.c", "@"}, "/w", files, notes) ==
        Words{"gcc", "-DA", "-DB=1 2", "x.c", "@"});
  CHECK(notes.empty());
}

TEST_CASE("response files that loop, are missing, lie too deep or multiply stay as they are written") {
  std::map<std::string, std::string> content = {{"/w/loop", "-DL @loop"}, {"/w/p", "@q"}, {"/w/q", "-DQ @p"}};
  for (int i = 0; i < 40; ++i)
    content["/w/deep" + std::to_string(i)] = "@deep" + std::to_string(i + 1);
  for (int i = 0; i < 12; ++i) {
    const std::string next = "@many" + std::to_string(i + 1) + " ";
    content["/w/many" + std::to_string(i)] = next + next + next + next + next + next + next + next;
  }
  const MemoryFileSystem files(content);
  const auto [word, expected] = GENERATE(table<std::string, Words>(
      {{"@loop", {"-DL", "@loop"}}, {"@p", {"-DQ", "@p"}}, {"@none", {"@none"}}, {"@deep0", {"@deep16"}}}));
  Words notes;
  CHECK(expand_response_files({word}, "/w", files, notes) == expected);
  CHECK_FALSE(notes.empty());
  CHECK(expand_response_files({"@many0"}, "/w", files, notes).size() < 8 * 1024);
}

} // namespace ringfence
