// Which locks are held at the place that the walker has come to, read lexically: a lock that is taken stays taken until
// a release of it stands in the source, a scoped one until its block ends.
//
// Locks whose macros expand to nothing in this configuration (CPython's FT_MUTEX_LOCK on builds with a GIL) leave no
// trace in the program and are not seen.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "facts/facts.h"

namespace ringfence {

class GuardTracker {
  struct Node;

public:
  using State = const Node *; // null: none is held

  State state() const { return state_; }
  void restore(State state) { state_ = state; }

  // `key`: what a release must name; `scoped`: until the scope in hand is left. One that is held already is not taken
  // twice.
  void acquire(Guard guard, std::string_view family, std::string key, bool scoped);
  // The innermost of the family with that key; where none has it (it was taken by another name), the family's
  // innermost.
  void release(std::string_view family, const std::string &key);
  void enter_scope() { ++depth_; }
  void leave_scope();

  std::vector<Guard> held() const; // innermost last
  const Guard *innermost() const;
  void clear();

private:
  struct Node {
    State outer;
    Guard guard;
    std::string_view family;
    std::string key;
    unsigned scope; // at whose end it is dropped; 0: none
  };

  // Drops what `gone` says. States that were saved before keep their nodes: those above a dropped one are copied.
  template <class Predicate> void remove_if(Predicate gone);

  std::deque<Node> nodes_;
  unsigned depth_ = 0;
  State state_ = nullptr;
};

} // namespace ringfence
