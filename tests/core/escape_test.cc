#include <catch2/catch.hpp>

#include "report/escape.h"

namespace ringfence {

TEST_CASE("invalid UTF-8 is escaped byte by byte, valid text stays") {
  CHECK(escape_invalid_utf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x8D") ==
        "plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x90\x8D");
  CHECK(escape_invalid_utf8("\xE9") == "\\xE9");
  CHECK(escape_invalid_utf8("\xC0\x80") == "\\xC0\\x80");                   // overlong
  CHECK(escape_invalid_utf8("\xE0\x80\x80") == "\\xE0\\x80\\x80");          // overlong
  CHECK(escape_invalid_utf8("\xED\xA0\x80") == "\\xED\\xA0\\x80");          // surrogate
  CHECK(escape_invalid_utf8("\xF4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80"); // beyond Unicode
  CHECK(escape_invalid_utf8("a\xE2\x82") == "a\\xE2\\x82");                 // cut short
}

TEST_CASE("nothing in a source can drive the terminal") {
  CHECK(escape_for_terminal("\x1b[31mred\x07") == "\\x1B[31mred\\x07");
  CHECK(escape_for_terminal("a\tb\nc\x7f") == "a b\\x0Ac\\x7F");
  CHECK(escape_for_terminal("\xC2\x9B"
                            "31m") == "\\u{009B}31m");       // C1 control sequence introducer
  CHECK(escape_for_terminal("\xE2\x80\xAE") == "\\u{202E}"); // right-to-left override
  CHECK(escape_for_terminal("\xC3\xA9") == "\xC3\xA9");
}

} // namespace ringfence
