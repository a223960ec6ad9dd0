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

TEST_CASE("a type is known by its name, or by a pattern that no namespace fits") {
  Knowledge known;
  REQUIRE(known.add("t.json", R"({"schema": "ringfence-table/1", "about": "test", "records": {
    "Py*Object": {"is": "object", "source": "test"}, "std::atomic*": {"is": "atomic", "source": "test"},
    "PyTypeObject": {"is": "object", "traits": ["static-type"], "source": "test"},
    "PyMethodDef": {"traits": ["api-table"], "source": "test"}}})"));
  REQUIRE(known.type("PyArrayObject"));
  CHECK(known.type("PyArrayObject")->is == KnownType::Is::object);
  CHECK(known.type("PyArrayObject")->has("object"));
  CHECK_FALSE(known.type("PyArrayObject")->is_of_api());
  CHECK(known.type("PyObject"));
  CHECK_FALSE(known.type("Py::Object"));
  CHECK_FALSE(known.type("PyArrayObjects"));
  CHECK_FALSE(known.type("app::PyArrayObject"));
  CHECK(known.type("std::atomic_ref"));
  CHECK_FALSE(known.type("std::atomic::inner"));
  CHECK(known.type("PyTypeObject")->is_of_api());
  CHECK(known.type("PyMethodDef")->is == KnownType::Is::unknown);
  CHECK(known.type("PyMethodDef")->is_of_api());
  CHECK_FALSE(known.add("t.json", R"({"schema": "ringfence-table/1", "about": "test",
    "records": {"T": {"is": "lok", "source": "test"}}})"));
}

TEST_CASE("the longest name of an atomic operation counts") {
  Knowledge known;
  REQUIRE(known.add("t.json", R"({"schema": "ringfence-table/1", "about": "test", "atomics": {
    "__sync_*": {"does": "modify", "value": 1, "source": "test"},
    "__sync_lock_release*": {"does": "store", "source": "test"},
    "fence": {"does": "fence", "source": "test"}}})"));
  REQUIRE(known.atomic("__sync_fetch_and_add_4"));
  CHECK(known.atomic("__sync_fetch_and_add_4")->does == KnownAtomic::Does::modify);
  CHECK(known.atomic("__sync_fetch_and_add_4")->value == 1);
  CHECK(known.atomic("__sync_lock_release_8")->does == KnownAtomic::Does::store);
  CHECK(known.atomic("fence"));
  CHECK_FALSE(known.atomic("fences"));
  CHECK_FALSE(known.atomic("sync"));
}

TEST_CASE("a lock that gives the GIL away is known by its function and by its family") {
  Knowledge known;
  REQUIRE(known.add("t.json", R"({"schema": "ringfence-table/1", "about": "test", "locks": {
    "take": {"does": "acquire", "family": "Kind", "detaches": true, "source": "test"},
    "hold": {"does": "acquire", "family": "Other", "source": "test"}}})"));
  CHECK(known.detaches("take"));
  CHECK(known.detaches("Kind"));
  CHECK_FALSE(known.detaches("hold"));
  CHECK_FALSE(known.detaches("Other"));
  CHECK_FALSE(known.detaches(""));
}

} // namespace ringfence
