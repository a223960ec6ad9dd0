// Rule files: what loads, and what the author of a bad one is told.
#include <catch2/catch.hpp>

#include "classify/rules/rule.h"

namespace ringfence {

namespace {

std::string rule_text(const std::string &when, const std::string &more = "") {
  return R"({"code": "RF900", "name": "probe", "applies_to": "object", "rank": 1, "when": )" + when +
         R"(, "verdict": "constant", "kind": "probe", "level": "process", "message": "m", "why": "w")" + more + "}";
}

std::string error_of(const std::string &text) {
  const auto rules = load_rules({{"rules/RF900-probe.json", text}});
  return rules ? "" : rules.error().message;
}

} // namespace

TEST_CASE("the built-in rules load, and the last verdict is unclassified") {
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  REQUIRE_FALSE(rules->verdicts.empty());
  CHECK(rules->verdicts.back().verdict == "unclassified");
  CHECK(rules->tables.function("PyImport_ImportModule"));
}

TEST_CASE("a bad rule is refused with the nearest spelling") {
  CHECK(error_of(rule_text("\"deep-const\"")).empty());
  CHECK(error_of("{") == "rules/RF900-probe.json: it is no valid JSON: see line 1, column 2");
  CHECK(error_of("[]") == "rules/RF900-probe.json: the file is not a JSON object");
  CHECK(error_of(rule_text("\"deep-konst\"")).find("did you mean \"deep-const\"?") != std::string::npos);
  CHECK(error_of(rule_text("\"deep-const\"", R"(, "mesage": "x")")).find("did you mean \"message\"?") !=
        std::string::npos);
  CHECK(error_of(rule_text("{\"deep-const\": \"x\"}")).find("takes no argument") != std::string::npos);
  CHECK(error_of(rule_text("{\"record\": []}")).find("takes a word") != std::string::npos);
  CHECK(error_of(rule_text("{\"all\": \"deep-const\"}")).find("takes a list") != std::string::npos);
  CHECK(error_of(rule_text("{\"all\": [], \"any\": []}")).find("one key") != std::string::npos);
  CHECK(error_of(rule_text("\"deep-const\"", R"(, "risk": {"own-gill": "low"})")).find("did you mean \"own-gil\"?") !=
        std::string::npos);
  CHECK(error_of(rule_text("\"deep-const\"", R"(, "risk": {"own-gil": "lov"})")).find("did you mean \"low\"?") !=
        std::string::npos);
}

TEST_CASE("a rule or a table that nests without end or has a key twice is refused") {
  std::string deep;
  for (int i = 0; i < 300'000; ++i)
    deep += "{\"not\":";
  deep += "\"scalar\"" + std::string(300'000, '}');
  CHECK(error_of(rule_text(deep)) == "rules/RF900-probe.json: it nests more than 64 levels deep");
  CHECK(error_of(rule_text("\"scalar\"", R"(, "code": "RF901")")) ==
        "rules/RF900-probe.json: the key \"code\" stands twice in one object");
  const auto table = load_rules({{"rules/tables/x.json", "{\"about\":" + std::string(300'000, '[')}});
  REQUIRE_FALSE(table);
  CHECK(table.error().message == "rules/tables/x.json: it nests more than 64 levels deep");
}

TEST_CASE("a later rule with the same code replaces the earlier one, and ranks are distinct") {
  const std::string first = rule_text("\"deep-const\""), second = rule_text("\"scalar\"");
  const auto rules = load_rules({{"a/RF900-probe.json", first}, {"b/RF900-probe.json", second}});
  REQUIRE(rules);
  REQUIRE(rules->verdicts.size() == 1);
  CHECK(rules->verdicts.front().file == "b/RF900-probe.json");
  std::string other = second;
  other.replace(other.find("RF900"), 5, "RF901");
  CHECK_FALSE(load_rules({{"a/RF900-probe.json", first}, {"b/RF901-probe.json", other}}));
}

TEST_CASE("advice names what exists in the oldest Python of the project") {
  Rule rule;
  rule.remedy = {{"3.5", "old"}, {"3.9", "newer"}, {"3.12", "newest"}};
  CHECK(rule.advice("") == "newer");
  CHECK(rule.advice("3.8") == "old");
  CHECK(rule.advice("3.9") == "newer");
  CHECK(rule.advice("3.13") == "newest");
  rule.remedy.push_back({"3.5", "of the interpreter", "core"});
  CHECK(rule.advice("3.13", "core") == "of the interpreter");
  CHECK(rule.advice("3.13", "foreign-argument") == "newest");
  CHECK(rule.advice("3.13") == "newest");
}

TEST_CASE("how code gets at module state is named for each way and the oldest Python") {
  const auto rules = load_rules({{"rules/advice.json", R"({"ways": {"methods": [{"since": "3.5", "text": "old way"},
    {"since": "3.9", "text": "class"}], "slots": [{"since": "3.5", "text": "pointer"}, {"since": "3.11", "text": "def"}]},
    "words": {"m_size": "The size."}})"}});
  REQUIRE(rules);
  CHECK(rules->words.at("m_size") == "The size.");
  CHECK(rules->ways_text({"methods", "slots"}, "") == "class; pointer");
  CHECK(rules->ways_text({"methods", "slots"}, "3.9") == "class; pointer");
  CHECK(rules->ways_text({"slots", "spam"}, "3.12") == "def");
  CHECK(load_rules({{"rules/advice.json", R"({"ways": {"methods": [{"since": "old", "text": "t"}]}})"}})
            .error()
            .message == "rules/advice.json: \"since\" is not a version like 3.9");
}

} // namespace ringfence
