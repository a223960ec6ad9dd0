#include <catch2/catch.hpp>

#include "classify/link_knowledge.h"

namespace ringfence {

TEST_CASE("linking learns from the tables what library functions do") {
  ApiTables tables;
  REQUIRE(tables
              .add("t.json", R"({"schema": "ringfence-table/1", "about": "test", "functions": {
    "sort": {"traits": ["calls-argument"], "parameters": ["written", "read"], "source": "test"},
    "once": {"traits": ["once"], "parameters": ["synchronised", "read"], "source": "test"},
    "scan": {"parameters": ["read", "written"], "variadic": true, "source": "test"},
    "at_exit": {"traits": ["process-exit-hook"], "source": "test"}}})")
              .has_value());
  const ApiKnowledge api = link_knowledge(tables);
  CHECK(api.parameter_effect("sort", 0) == ParameterEffect::written);
  CHECK(api.parameter_effect("sort", 2) == ParameterEffect::unknown);
  CHECK(api.parameter_effect("scan", 9) == ParameterEffect::written);
  CHECK(api.parameter_effect("unheard_of", 0) == ParameterEffect::unknown);
  CHECK(api.callback_use("sort") == CallbackUse::during);
  CHECK(api.callback_use("once") == CallbackUse::once);
  CHECK(api.callback_use("at_exit") == CallbackUse::at_end);
  CHECK(api.callback_use("scan") == CallbackUse::unknown);
}

} // namespace ringfence
