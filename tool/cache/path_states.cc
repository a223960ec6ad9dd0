#include "cache/path_states.h"

#include <algorithm>

#include "base/hash.h"

namespace ringfence {
namespace {

// The value of `path`, found out by `look` where it is not known yet.
template <class Value, class Look>
const Value &known(std::map<std::string, Value> &values, const std::string &path, Look look) {
  const auto place = values.find(path);
  return place != values.end() ? place->second : values.emplace(path, look(path)).first->second;
}

} // namespace

bool PathStates::holds(const std::string &path, const std::string &state) {
  if (state == path_present || state == path_absent)
    return known(present_, path, [&](const std::string &p) { return files_.type(p) != FileType::missing; }) ==
           (state == path_present);
  if (state.starts_with('/'))
    return known(listings_, path, [&](const std::string &p) { return listing_state(files_, p); }) == state;
  return known(contents_, path, [&](const std::string &p) {
           const auto content = files_.read(p);
           return content ? hash_hex(*content) : std::string(path_absent);
         }) == state;
}

bool PathStates::hold(const Dependencies &dependencies) {
  const std::lock_guard lock(mutex_);
  return std::all_of(dependencies.begin(), dependencies.end(),
                     [&](const auto &entry) { return holds(entry.first, entry.second); });
}

} // namespace ringfence
