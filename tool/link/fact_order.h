// The order in which a Program keeps its facts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "facts/facts.h"

namespace ringfence {

// The primary sort key of a fact, in one number.
inline std::uint64_t primary_key(Index first, Index second) { return std::uint64_t{first} << 32 | second; }
inline std::uint64_t primary_key(const Access &access) { return primary_key(access.object, access.location.file); }
inline std::uint64_t primary_key(const Call &call) { return primary_key(call.caller, call.location.file); }
inline std::uint64_t primary_key(const InitialiserEntry &entry) { return primary_key(entry.object, 0); }
inline std::uint64_t primary_key(const FunctionUse &use) { return primary_key(use.function, use.user); }
inline std::uint64_t primary_key(const ParameterAccess &access) {
  return primary_key(access.function, access.parameter);
}
inline std::uint64_t primary_key(const UnreadName &named) { return primary_key(named.object, named.location.file); }
inline std::uint64_t primary_key(const StructMember &member) { return primary_key(member.object, 0); }
inline std::uint64_t primary_key(const LateUse &use) { return primary_key(use.object, use.function); }
inline std::uint64_t primary_key(const ConstPoint &point) { return primary_key(point.object, point.location.file); }
inline std::uint64_t primary_key(const auto &) { return 0; }

template <class Fact> bool orders_before(const Fact &a, const Fact &b) { return a < b; }
// What has a place stands by its owner and that place.
template <class Fact> bool orders_before_by_place(Index owner_of_a, const Fact &a, Index owner_of_b, const Fact &b) {
  const auto left = std::tie(owner_of_a, a.location), right = std::tie(owner_of_b, b.location);
  return left != right ? left < right : a < b;
}
inline bool orders_before(const Access &a, const Access &b) { return orders_before_by_place(a.object, a, b.object, b); }
inline bool orders_before(const Call &a, const Call &b) { return orders_before_by_place(a.caller, a, b.caller, b); }

// Sorts, and keeps each once. Facts are large: numbers are sorted for them, and each fact is moved once.
template <class Fact> void sort_facts(std::vector<Fact> &facts) {
  struct Entry {
    std::uint64_t primary_key;
    Index index;
  };
  std::vector<Entry> order;
  order.reserve(facts.size());
  for (Index i = 0; i < facts.size(); ++i)
    order.push_back({primary_key(facts[i]), i});
  std::sort(order.begin(), order.end(), [&](const Entry &a, const Entry &b) {
    return a.primary_key != b.primary_key ? a.primary_key < b.primary_key
                                          : orders_before(facts[a.index], facts[b.index]);
  });
  std::vector<Fact> sorted;
  sorted.reserve(facts.size());
  for (const Entry &entry : order)
    if (Fact &fact = facts[entry.index]; sorted.empty() || !(sorted.back() == fact))
      sorted.push_back(std::move(fact));
  facts = std::move(sorted);
}

} // namespace ringfence
