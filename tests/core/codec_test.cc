#include <catch2/catch.hpp>

#include <random>

#include "base/hash.h"
#include "facts/codec.h"

namespace ringfence {
namespace {

// Facts in which every member has a value of its own, valid but without meaning.
class RandomFacts {
public:
  explicit RandomFacts(unsigned seed) : random_(seed) {}

  TuFacts make() {
    TuFacts facts;
    facts.unit = text();
    facts.config = text();
    facts.origin = any<UnitOrigin>(2);
    facts.common_symbols = flag();
    facts.status = any<UnitStatus>(3);
    for (unsigned i = 0; i < count; ++i) {
      facts.files.push_back({text(), flag(), text()});
      facts.diagnostics.push_back({any<Severity>(3), text(), location()});
      facts.objects.push_back(object());
      facts.functions.push_back(
          {text(), text(), flag(), flag(), flag(), flag(), flag(), flag(), text(), text(), texts(), location()});
      facts.initialisers.push_back(initialiser());
      facts.accesses.push_back(access());
      facts.calls.push_back(call());
      facts.function_uses.push_back({index(), index(), text(), number(), text(), location()});
      facts.parameter_accesses.push_back({index(),
                                          number(),
                                          any<AccessKind>(7),
                                          flag(),
                                          flag(),
                                          {any<StoredValue::Kind>(8), text(), index(), flag()},
                                          text(),
                                          text(),
                                          number(),
                                          location()});
      facts.inactive.push_back({text(), text(), location()});
      facts.unread_names.push_back({index(), location()});
      facts.struct_members.push_back({index(), text(), type(), location()});
      facts.late_uses.push_back({index(), index(), text(), location()});
      facts.allowances.push_back({text(), text(), location(), number(), number(), index()});
      facts.const_points.push_back({index(), location(), flag()});
    }
    return facts;
  }

private:
  static constexpr unsigned count = 12; // of each kind of fact

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool flag() { return below(2) == 1; }
  template <class Enum> Enum any(unsigned enumerators) { return static_cast<Enum>(below(enumerators)); }
  Index index() { return below(4) == 0 ? none : below(count); }
  std::uint32_t number() { return static_cast<std::uint32_t>(random_()); }
  std::int64_t wide() { return static_cast<std::int64_t>(std::uint64_t{random_()} << 32 | random_()) >> below(64); }
  std::string text() {
    std::string value(below(20), ' ');
    for (char &c : value)
      c = static_cast<char>(random_());
    return below(2) == 0 ? "again" : value;
  }
  std::vector<std::string> texts() { return std::vector<std::string>(below(3), text()); }
  Location location() { return {index(), number(), number()}; }
  std::vector<Guard> guards() {
    return std::vector<Guard>(below(3), Guard{any<Guard::Kind>(7), text(), index(), text(), flag()});
  }
  TypeFacts type() {
    TypeFacts type;
    type.spelling = text();
    type.record = text();
    type.leads_to = text();
    type.size = static_cast<std::uint64_t>(wide());
    type.pointer = flag();
    type.deep_const = flag();
    type.owns_object = flag();
    type.object_words.assign(below(5), number());
    return type;
  }
  Object object() {
    Object object;
    object.id = text();
    object.name = text();
    object.function = text();
    object.symbol = text();
    object.macro = text();
    object.storage = any<Storage>(8);
    object.definition = any<Definition>(3);
    object.initialiser = any<Initialiser>(4);
    object.external_linkage = flag();
    object.hidden = flag();
    object.thread_local_storage = flag();
    object.in_header = flag();
    object.outside = flag();
    object.record = text();
    object.holder = any<Holder>(3);
    object.type = type();
    object.location = location();
    object.configs = texts();
    return object;
  }
  InitialiserEntry initialiser() {
    return {index(), text(), any<InitialiserEntry::Kind>(4), index(), wide(), text(), location()};
  }
  Access access() {
    Access access;
    access.object = below(count);
    access.function = index();
    access.kind = any<AccessKind>(7);
    access.path = text();
    access.atomic = flag();
    access.compared = flag();
    access.through_alias = flag();
    access.tests_itself = flag();
    access.tested.assign(below(3), below(count));
    access.callee = text();
    access.argument = number();
    access.const_parameter = flag();
    access.stored = {any<StoredValue::Kind>(8), text(), index(), flag()};
    access.guards = guards();
    access.location = location();
    return access;
  }
  Call call() {
    Call call;
    call.caller = index();
    call.callee = index();
    call.pointer = text();
    call.pointer_object = index();
    call.arguments.assign(below(4), CallArgument{any<CallArgument::Kind>(8), below(count), wide(), text()});
    call.result = any<ResultUse>(6);
    call.guards = guards();
    call.location = location();
    return call;
  }

  std::mt19937 random_;
};

} // namespace

TEST_CASE("facts survive their encoding") {
  CHECK(decode(encode(TuFacts{})).value() == TuFacts{});
  for (unsigned seed = 0; seed < 200; ++seed) {
    const TuFacts facts = RandomFacts(seed).make();
    const std::string bytes = encode(facts);
    const auto back = decode(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == facts);
    CHECK(encode(*back) == bytes);
  }
}

TEST_CASE("numbers at the ends of their range survive") {
  TuFacts facts;
  facts.files.push_back({"a.c", true});
  facts.objects.resize(1);
  for (const std::int64_t value : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    InitialiserEntry entry;
    entry.integer = value;
    facts.initialisers.push_back(entry);
  }
  facts.objects[0].type.size = UINT64_MAX;
  facts.objects[0].location = {0, 0xffffffff, 0};
  CHECK(decode(encode(facts)).value() == facts);
}

TEST_CASE("every truncation and every changed byte is refused") {
  const std::string bytes = encode(RandomFacts(1).make());
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64)
    CHECK_FALSE(decode(bytes.substr(0, size)).has_value());
  for (std::size_t at = 0; at < bytes.size(); at += 1 + at / 64) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    CHECK_FALSE(decode(damaged).has_value());
  }
  CHECK_FALSE(decode(bytes + 'x').has_value());
  CHECK_FALSE(decode("RFFACTS\x7f" + bytes.substr(8)).has_value());
}

// With a digest that fits, so that the reader itself meets the damage.
TEST_CASE("malformed payloads are refused or read, never a crash") {
  const std::string bytes = encode(RandomFacts(2).make());
  const std::string payload = bytes.substr(72);
  std::mt19937 random(3);
  const auto framed = [&](const std::string &content) { return bytes.substr(0, 40) + hash_hex(content) + content; };
  REQUIRE(decode(framed(payload)).has_value());
  std::size_t refused = 0;
  for (int n = 0; n < 5000; ++n) {
    std::string damaged = payload;
    for (unsigned i = 0; i <= static_cast<unsigned>(n % 4); ++i)
      damaged[random() % damaged.size()] = static_cast<char>(random());
    if (n % 5 == 0)
      damaged.resize(random() % damaged.size());
    refused += decode(framed(damaged)).has_value() ? 0 : 1;
  }
  CHECK(refused > 1000);
  for (int n = 0; n < 2000; ++n) {
    std::string noise(random() % 200, ' ');
    for (char &c : noise)
      c = static_cast<char>(random());
    CHECK_FALSE(decode(framed(noise)).has_value());
  }
}

TEST_CASE("facts that refer beyond their lists are refused") {
  TuFacts facts;
  facts.objects.resize(1);
  facts.accesses.resize(1);
  facts.accesses[0].object = 1;
  CHECK_FALSE(decode(encode(facts)).has_value());
  facts.accesses[0].object = 0;
  CHECK(decode(encode(facts)).has_value());
  facts.accesses[0].location.file = 0;
  CHECK_FALSE(decode(encode(facts)).has_value());
}

} // namespace ringfence
