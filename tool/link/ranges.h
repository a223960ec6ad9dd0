// The facts of one object or function, found by binary search in a Program's sorted vectors.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "link/program.h"

namespace ringfence {

template <class T, class Key> std::span<const T> facts_of(const std::vector<T> &facts, Index subject, Key key) {
  const auto first = std::partition_point(facts.begin(), facts.end(), [&](const T &f) { return key(f) < subject; });
  const auto last = std::partition_point(first, facts.end(), [&](const T &f) { return key(f) == subject; });
  return {first, last};
}

inline std::span<const InitialiserEntry> initialisers_of(const Program &program, Index object) {
  return facts_of(program.initialisers, object, [](const InitialiserEntry &entry) { return entry.object; });
}
inline std::span<const Access> accesses_of(const Program &program, Index object) {
  return facts_of(program.accesses, object, [](const Access &access) { return access.object; });
}
inline std::span<const Call> calls_of(const Program &program, Index caller) {
  return facts_of(program.calls, caller, [](const Call &call) { return call.caller; });
}

// The object of that id, which no member of a struct is; `none` where the program has none.
inline Index object_of(const Program &program, std::string_view id) {
  const auto is_whole = [](Index whole) { return whole == none; };
  const auto members = std::ranges::partition_point(program.struct_of, is_whole) - program.struct_of.begin();
  const auto end = program.struct_of.empty() ? program.objects.end() : program.objects.begin() + members;
  const auto at = std::lower_bound(program.objects.begin(), end, id,
                                   [](const Object &object, std::string_view wanted) { return object.id < wanted; });
  return at != end && at->id == id ? static_cast<Index>(at - program.objects.begin()) : none;
}

// A subobject's path in two: "[2].ml_meth" is the member "ml_meth" of "[2]"; "ob->tp_new" is "tp_new" of "ob".
// Subscripts after the member are left out; a path without a member has an empty one.
struct PathParts {
  std::string_view prefix, member;
};

inline PathParts split_path(std::string_view path) {
  const std::size_t dot = path.rfind('.'), arrow = path.rfind("->");
  const bool has_dot = dot != path.npos, has_arrow = arrow != path.npos;
  if (!has_dot && !has_arrow)
    return {path, {}};
  const bool by_dot = has_dot && (!has_arrow || dot > arrow);
  const std::size_t end = by_dot ? dot : arrow;
  std::string_view member = path.substr(end + (by_dot ? 1 : 2));
  return {path.substr(0, end), member.substr(0, member.find('['))};
}

} // namespace ringfence
