// JSON and CBOR from outside.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/strict_json.h"

namespace ringfence {
namespace {

std::string error_of(const std::string &text) {
  const Result<nlohmann::json> json = parse_json(text);
  return json ? "" : json.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

} // namespace

TEST_CASE("JSON that nests too deeply, has a key twice or is none is refused in words") {
  CHECK(parse_json("{\"a\": [1, {\"a\": 2}], \"b\": {\"a\": 3}}").value()["b"]["a"] == 3);
  CHECK(error_of(nested(64)).empty());
  CHECK(error_of(nested(65)) == "it nests more than 64 levels deep");
  CHECK(error_of(nested(300'000)) == "it nests more than 64 levels deep");
  CHECK(error_of("{\"a\": {\"b\": 1, \"c\": {\"b\": 2}, \"b\": 3}}") == "the key \"b\" stands twice in one object");
  CHECK(error_of("{\"a\":\n  1,}") == "it is no valid JSON: see line 2, column 5");
  CHECK(error_of("") == "it is no valid JSON: see line 1, column 1");
  CHECK(error_of("1e999") == "it is no JSON that can be read: a number is too large");
}

TEST_CASE("CBOR that nests too deeply is refused") {
  const auto cbor = [](std::size_t depth) { return std::string(depth, '\x81') + std::string(1, '\0'); };
  CHECK(parse_cbor(cbor(64)).has_value());
  CHECK_FALSE(parse_cbor(cbor(65)).has_value());
  CHECK_FALSE(parse_cbor(cbor(300'000)).has_value());
  CHECK_FALSE(parse_cbor("").has_value());
}

TEST_CASE("an object of many keys costs near linear time") {
  std::string text = "{\"k\":0";
  for (int i = 0; i < 100'000; ++i)
    text += ",\"k" + std::to_string(i) + "\":1";
  CHECK(parse_json(text + "}").value().size() == 100'001);
}

} // namespace ringfence
