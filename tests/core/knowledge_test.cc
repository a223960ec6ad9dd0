#include <catch2/catch.hpp>

#include "knowledge/knowledge.h"

namespace ringfence {

TEST_CASE("linking learns from the tables what library functions do") {
  Knowledge api;
  REQUIRE(api.add("t.json", R"({"schema": "ringfence-table/1", "about": "test", "functions": {
    "sort": {"traits": ["calls-argument"], "parameters": ["written", "read"], "source": "test"},
    "once": {"traits": ["once"], "parameters": ["synchronised", "read"], "source": "test"},
    "scan": {"parameters": ["read", "written"], "variadic": true, "source": "test"},
    "at_exit": {"traits": ["process-exit-hook"], "source": "test"}}})")
              .has_value());
  CHECK(api.parameter_use("sort", 0) == ParameterUse::written);
  CHECK(api.parameter_use("sort", 2) == ParameterUse::unknown);
  CHECK(api.parameter_use("scan", 9) == ParameterUse::written);
  CHECK(api.parameter_use("unheard_of", 0) == ParameterUse::unknown);
  CHECK(api.callback_use("sort") == CallbackUse::during);
  CHECK(api.callback_use("once") == CallbackUse::once);
  CHECK(api.callback_use("at_exit") == CallbackUse::at_end);
  CHECK(api.callback_use("scan") == CallbackUse::unknown);
}

TEST_CASE("a table teaches locks, by their rows or by traits alone") {
  Knowledge known;
  REQUIRE(known.add("t.json", R"({"schema": "ringfence-table/1", "about": "test",
    "functions": {"take": {"traits": ["lock-acquire"], "source": "test"},
                  "leave": {"traits": ["lock-release"], "source": "test"},
                  "look": {"traits": ["lock-acquire-shared"], "source": "test"}},
    "locks": {"take_slot": {"does": "acquire", "kind": "spin", "family": "slot", "argument": 1, "source": "test"},
              "Keeper": {"does": "hold", "kind": "gil", "source": "test"}}})"));
  REQUIRE(known.lock("take"));
  CHECK(known.lock("take")->does == KnownLock::Does::acquire);
  CHECK(known.lock("take")->kind == KnownLock::Kind::mutex);
  CHECK(known.lock("take")->argument == 0);
  CHECK(known.lock("look")->kind == KnownLock::Kind::shared);
  CHECK(known.lock("leave")->does == KnownLock::Does::release);
  CHECK(known.lock("take_slot")->kind == KnownLock::Kind::spin);
  CHECK(known.lock("take_slot")->family == "slot");
  CHECK(known.lock("take_slot")->argument == 1);
  CHECK(known.lock("Keeper")->does == KnownLock::Does::hold);
  CHECK(known.lock("unheard_of") == nullptr);
}

TEST_CASE("a lock's row is checked, and every table counts in the hash") {
  Knowledge known, more;
  const std::string head = R"({"schema": "ringfence-table/1", "about": "test", "locks": {"take": )";
  CHECK_FALSE(known.add("t.json", head + R"({"does": "aquire", "source": "test"}}})"));
  CHECK_FALSE(known.add("t.json", head + R"({"does": "acquire", "kind": "mutexx", "source": "test"}}})"));
  CHECK_FALSE(known.add("t.json", head + R"({"does": "acquire", "argument": -2, "source": "test"}}})"));
  CHECK_FALSE(known.add("t.json", head + R"({"does": "acquire"}}})"));
  REQUIRE(more.add("t.json", head + R"({"does": "acquire", "source": "test"}}})"));
  const std::string before = more.hash();
  REQUIRE(more.add("u.json", head + R"({"does": "release", "source": "test"}}})"));
  CHECK(more.hash() != before);
  CHECK(more.lock("take")->does == KnownLock::Does::release); // the later file counts
}

} // namespace ringfence
