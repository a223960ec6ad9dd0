// Which objects the conditions around a place read, and those of early returns before it.
#pragma once

#include <algorithm>
#include <deque>

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/SmallVector.h>

#include "facts/facts.h"

namespace ringfence {

class Conditions {
public:
  struct Condition {
    const Condition *outer = nullptr;
    llvm::SmallVector<Index, 2> objects;
  };
  using State = const Condition *; // null: none
  using Objects = llvm::SmallVector<Index, 2>;

  // What a parameter leads to, as if it were an object.
  static constexpr Index parameter(std::uint32_t number) { return first_parameter + std::min(number, max_parameter); }

  State state() const { return state_; }
  void restore(State state) { state_ = state; }

  // Between begin() and end() what is read belongs to a condition. `depth`: of the walker's frames where it begins.
  void begin(std::size_t depth) { open_.push_back({depth, {}}); }
  Objects end() {
    Objects objects = std::move(open_.back().objects);
    open_.pop_back();
    if (!open_.empty())
      open_.back().objects.append(objects.begin(), objects.end());
    return objects;
  }
  bool is_open() const { return !open_.empty(); }
  std::size_t depth() const { return open_.back().depth; }
  void read(Index object) { open_.back().objects.push_back(object); }

  // From here on, until restore(), a condition that read `objects` holds.
  void enter(const Objects &objects) {
    if (objects.empty())
      return;
    conditions_.push_back({state_, objects});
    state_ = &conditions_.back();
  }

  // What the conditions that hold read: whether `object`, and which others.
  void describe(Index object, bool &tests_itself, std::vector<Index> &others) const {
    for (State condition = state_; condition; condition = condition->outer)
      for (Index read : condition->objects) {
        if (read == object)
          tests_itself = true;
        else if (read < first_parameter && others.size() < max_others && !llvm::is_contained(others, read))
          others.push_back(read);
      }
    llvm::sort(others);
  }

  void clear() {
    conditions_.clear();
    open_.clear();
    state_ = nullptr;
  }

private:
  static constexpr std::size_t max_others = 16;
  static constexpr Index first_parameter = 0x80000000, max_parameter = 0xffff; // above any object of one unit

  struct Open {
    std::size_t depth;
    Objects objects;
  };

  std::deque<Condition> conditions_;
  llvm::SmallVector<Open, 2> open_;
  State state_ = nullptr;
};

} // namespace ringfence
