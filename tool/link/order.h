// The order in which a Program keeps its facts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "facts/facts.h"

namespace ringfence {

// The primary sort key of a fact, in one number.
inline std::uint64_t leading(Index first, Index second) { return std::uint64_t{first} << 32 | second; }
inline std::uint64_t leading(const Access &access) { return leading(access.object, access.location.file); }
inline std::uint64_t leading(const Call &call) { return leading(call.caller, call.location.file); }
inline std::uint64_t leading(const InitialiserEntry &entry) { return leading(entry.object, 0); }
inline std::uint64_t leading(const FunctionUse &use) { return leading(use.function, use.user); }
inline std::uint64_t leading(const ParameterAccess &access) { return leading(access.function, access.parameter); }
inline std::uint64_t leading(const UnreadName &named) { return leading(named.object, named.location.file); }
inline std::uint64_t leading(const ConstPoint &point) { return leading(point.object, point.location.file); }
inline std::uint64_t leading(const auto &) { return 0; }

template <class Fact> bool before(const Fact &a, const Fact &b) { return a < b; }
// What has a place stands by its owner and that place.
template <class Fact> bool before_by_place(Index owner_of_a, const Fact &a, Index owner_of_b, const Fact &b) {
  const auto left = std::tie(owner_of_a, a.location), right = std::tie(owner_of_b, b.location);
  return left != right ? left < right : a < b;
}
inline bool before(const Access &a, const Access &b) { return before_by_place(a.object, a, b.object, b); }
inline bool before(const Call &a, const Call &b) { return before_by_place(a.caller, a, b.caller, b); }

// Sorts, and keeps each once. Facts are large: numbers are sorted for them, and each fact is moved once.
template <class Fact> void sort_facts(std::vector<Fact> &facts) {
  struct Entry {
    std::uint64_t leading;
    Index index;
  };
  std::vector<Entry> order;
  order.reserve(facts.size());
  for (Index i = 0; i < facts.size(); ++i)
    order.push_back({leading(facts[i]), i});
  std::sort(order.begin(), order.end(), [&](const Entry &a, const Entry &b) {
    return a.leading != b.leading ? a.leading < b.leading : before(facts[a.index], facts[b.index]);
  });
  std::vector<Fact> sorted;
  sorted.reserve(facts.size());
  for (const Entry &entry : order)
    if (Fact &fact = facts[entry.index]; sorted.empty() || !(sorted.back() == fact))
      sorted.push_back(std::move(fact));
  facts = std::move(sorted);
}

} // namespace ringfence
