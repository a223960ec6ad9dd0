#include "cache/path_states.h"

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

std::string to_bytes(const Dependencies &dependencies) {
  std::string bytes;
  for (const auto &[path, state] : dependencies)
    bytes.append(state).append(1, '\0').append(path).append(1, '\0');
  return bytes;
}

bool PathStates::holds(const std::string &path, const std::string &state) {
  if (state == path_present || state == path_absent)
    return known(present_, path, [&](const std::string &p) { return files_.type(p) != FileType::missing; }) ==
           (state == path_present);
  if (state.starts_with('@'))
    return known(refused_, path, [&](const std::string &p) { return refused_state(files_, p); }) == state;
  if (state.starts_with('/'))
    return known(listings_, path, [&](const std::string &p) { return listing_state(files_, p); }) == state;
  return known(contents_, path, [&](const std::string &p) {
           const auto content = files_.read(p);
           return content ? hash_hex(*content) : std::string(path_absent);
         }) == state;
}

bool PathStates::hold(std::string_view dependencies) {
  const std::lock_guard lock(mutex_);
  while (!dependencies.empty()) {
    const std::size_t between = dependencies.find('\0'), end = dependencies.find('\0', between + 1);
    if (end == std::string_view::npos)
      return false;
    const std::string_view entry = dependencies.substr(0, end);
    if (!held_.contains(entry)) {
      if (!holds(std::string(entry.substr(between + 1)), std::string(entry.substr(0, between))))
        return false;
      held_.emplace(entry);
    }
    dependencies.remove_prefix(end + 1);
  }
  return true;
}

} // namespace ringfence
