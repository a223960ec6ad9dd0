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

} // namespace ringfence
