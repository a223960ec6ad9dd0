#include <catch2/catch.hpp>

#include "base/glob.h"
#include "base/hash.h"
#include "base/printable.h"
#include "base/text.h"

namespace ringfence {

TEST_CASE("splitting keeps empty parts and joining is its inverse") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  CHECK(join({"a", "", "b"}, ", ") == "a, , b");
  CHECK(join({}, ",").empty());
}

TEST_CASE("trimming takes white space from both ends") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n").empty());
}

TEST_CASE("text for a terminal has no control characters and no bytes that are not UTF-8") {
  CHECK(escape_terminal("na\xc3\xafve") == "na\xc3\xafve");
  CHECK(escape_terminal("a\x1b[2Jb\x7f\n\t") == "a\\x1b[2Jb\\x7f\\n\\t");
  CHECK(escape_terminal("a\xff\xc3") == "a\\xff\\xc3");
  CHECK(escape_terminal("a\xe2\x80\xae"
                        "b") == "a\\u{202e}b");
  CHECK(escape_terminal("\xc2\x9b") == "\\u{009b}");
}

TEST_CASE("lines and JSON for a terminal keep their line breaks and values") {
  CHECK(escape_lines("a\x1b\n\nb\t\n") == "a\\x1b\n\nb\\t\n");
  CHECK(escape_lines("") == "");
  CHECK(escape_json("{\"\xc2\x9b\":\n\"\x7f\xe2\x80\xae\xc3\xa9\"}") == "{\"\\u009b\":\n\"\\u007f\\u202e\xc3\xa9\"}");
}

TEST_CASE("invalid UTF-8 becomes the replacement character") {
  CHECK(valid_utf8("a\xff"
                   "b") == "a\xef\xbf\xbd"
                           "b");
  CHECK(valid_utf8("\xc3\xaf") == "\xc3\xaf");
}

TEST_CASE("the hash is the published XXH3 128-bit digest") {
  CHECK(hash_hex("") == "99aa06d3014798d86001c324468d497f");
  CHECK(hash_hex("a") != hash_hex("b"));
  CHECK(hash_hex(std::string_view("\0", 1)) != hash_hex(""));
  CHECK(blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"); // git hash-object /dev/null
}

TEST_CASE("a glob matches a path, its folders and bare names") {
  CHECK(glob_matches("*.c", "a/b.c"));
  CHECK(glob_matches("a", "a/b.c"));
  CHECK(glob_matches("a/", "a/b.c"));
  CHECK(glob_matches("b", "a/b/c.c"));
  CHECK(glob_matches("a/*.c", "a/b/c.c"));
  CHECK(glob_matches("a/b", "a/b/c.c"));
  CHECK_FALSE(glob_matches("x/b", "a/x/b/c.c"));
  CHECK_FALSE(glob_matches("b.c", "a/bb.c"));
  CHECK_FALSE(any_glob_matches({}, "a.c"));
}

TEST_CASE("UTF-16 code units are counted in any text") {
  CHECK(utf16_length("abc") == 3);
  CHECK(utf16_length("\xc3\xa9") == 1);
  CHECK(utf16_length("\xf0\x9f\x98\x80") == 2);
  CHECK(utf16_length("\xff\xc3") == 2);
}

} // namespace ringfence
