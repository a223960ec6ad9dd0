#include "extract/bodies/guard_tracker.h"

#include <algorithm>

namespace ringfence {

template <class Predicate> void GuardTracker::remove_if(Predicate gone) {
  std::vector<State> all;
  for (State node = state_; node; node = node->outer)
    all.push_back(node);
  if (std::none_of(all.begin(), all.end(), gone))
    return;
  state_ = nullptr;
  for (auto node = all.rbegin(); node != all.rend(); ++node) {
    if (gone(*node))
      continue;
    nodes_.push_back(**node);
    nodes_.back().outer = state_;
    state_ = &nodes_.back();
  }
}

void GuardTracker::acquire(Guard guard, std::string_view family, std::string key, bool scoped) {
  for (State node = state_; node; node = node->outer)
    if (!scoped && !key.empty() && node->family == family && node->key == key)
      return; // tried first, then waited for: one release lets go of it
  nodes_.push_back({state_, std::move(guard), family, std::move(key), scoped ? depth_ : 0});
  state_ = &nodes_.back();
}

void GuardTracker::release(std::string_view family, const std::string &key) {
  State found = nullptr;
  for (State node = state_; node; node = node->outer) {
    if (node->family != family)
      continue;
    if (!found || node->key == key)
      found = node;
    if (node->key == key)
      break;
  }
  if (found)
    remove_if([&](State node) { return node == found; });
}

void GuardTracker::leave_scope() {
  remove_if([&](State node) { return node->scope == depth_; });
  --depth_;
}

std::vector<Guard> GuardTracker::held() const {
  std::vector<Guard> guards;
  for (State node = state_; node; node = node->outer)
    guards.push_back(node->guard);
  std::reverse(guards.begin(), guards.end());
  return guards;
}

const Guard *GuardTracker::innermost() const { return state_ ? &state_->guard : nullptr; }

void GuardTracker::clear() {
  nodes_.clear();
  state_ = nullptr;
  depth_ = 0;
}

} // namespace ringfence
