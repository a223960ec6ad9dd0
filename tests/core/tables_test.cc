// The tables of library functions: each name stands once, and says what it was given for.
#include <catch2/catch.hpp>

#include <map>

#include <nlohmann/json.hpp>

#include "classify/rules/rule.h"

namespace ringfence {

TEST_CASE("no name stands in one section of two tables, and each has a source") {
  std::map<std::string, std::string> file_of;
  for (const RuleText &text : built_in_rule_texts()) {
    if (text.file.find("tables/") == std::string::npos)
      continue;
    Knowledge table;
    REQUIRE(table.add(text.file, text.text));
    const auto json = nlohmann::json::parse(text.text);
    for (const char *section : {"functions", "records", "objects", "locks", "atomics", "generators"}) {
      const auto entries = json.value(section, nlohmann::json::object());
      for (const auto &[name, entry] : entries.items()) {
        const std::string place = std::string(section) + " " + name;
        INFO(place << " in " << text.file << " and " << file_of[place]);
        CHECK(file_of[place].empty());
        CHECK_FALSE(entry.at("source").get<std::string>().empty());
        file_of[place] = text.file;
      }
    }
  }
}

TEST_CASE("the tables know what CPython and the C library do with pointers") {
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  const auto use = [&](const char *name, std::size_t position) {
    const ApiEntry *entry = rules->tables.function(name);
    REQUIRE(entry);
    return entry->parameter(position);
  };
  CHECK(use("PyList_SetItem", 2) == ParameterUse::retained); // "steals" a reference
  CHECK(use("PyList_Append", 1) == ParameterUse::retained);
  CHECK(use("PyDict_GetItem", 1) == ParameterUse::read);
  CHECK(use("PyDict_Next", 1) == ParameterUse::written);
  CHECK(use("PyArg_ParseTuple", 7) == ParameterUse::written); // beyond the format: variadic
  CHECK(use("Py_BuildValue", 3) == ParameterUse::read);
  CHECK(use("PyMutex_Lock", 0) == ParameterUse::synchronised);
  CHECK(use("PyModuleDef_Init", 0) == ParameterUse::retained);
  CHECK(use("memcpy", 0) == ParameterUse::written);
  CHECK(use("memcpy", 1) == ParameterUse::read);
  CHECK(use("setvbuf", 1) == ParameterUse::retained);
  CHECK(use("sscanf", 5) == ParameterUse::written);
  CHECK(use("__atomic_fetch_add", 0) == ParameterUse::synchronised);
  CHECK(rules->tables.function("PyDict_GetItem")->returns == "borrowed-object");
  CHECK(rules->tables.function("PyDict_New")->returns == "new-object");
  CHECK(rules->tables.function("localtime")->alternative == "localtime_r");
  CHECK(rules->tables.object("_Py_NoneStruct")->has("immortal"));
}

TEST_CASE("the lock that a function's traits name is the one of its row") {
  const auto rules = load_rules(built_in_rule_texts());
  REQUIRE(rules);
  for (const auto &[name, entry] : rules->tables.functions()) {
    const KnownLock *lock = rules->tables.lock(name);
    INFO(name);
    const bool acquires = entry.has("lock-acquire") || entry.has("lock-acquire-shared");
    CHECK(acquires <= (lock && lock->does == KnownLock::Does::acquire));
    CHECK(entry.has("lock-release") <= (lock && lock->does == KnownLock::Does::release));
    CHECK(entry.has("once") <= (lock && lock->does == KnownLock::Does::once));
    CHECK(entry.has("lock-acquire-shared") <= (lock && lock->kind == KnownLock::Kind::shared));
    if (lock && lock->does != KnownLock::Does::once)
      CHECK_FALSE(lock->family.empty());
  }
}

} // namespace ringfence
