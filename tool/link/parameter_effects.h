// What the program's own functions do with the memory that their parameters lead to, over all that they call.
#pragma once

#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "knowledge/knowledge.h"
#include "link/program.h"

namespace ringfence {

// The parameters that Program::parameter_accesses speaks of, numbered from 0 in its order, and which of them is handed
// on to which. Looks names up once, for the fixpoints below.
class WatchedParameters {
public:
  // Of the program its ids are used later: it must outlive this, its functions and parameter accesses unchanged.
  explicit WatchedParameters(const Program &program);

  std::size_t size() const { return keys_.size(); }
  // `number` is counted as Access::argument; `none` where the program does not watch it.
  Index find(std::string_view function_id, std::uint32_t number) const;
  Index function(std::string_view id) const; // into Program::functions, or `none`
  // Of the parameter access at this index: whose it is; as which parameter it goes on, or `none`.
  Index of_access(Index access) const { return of_access_[access]; }
  Index handed_to(Index access) const { return handed_to_[access]; }

private:
  using Key = std::pair<Index, std::uint32_t>; // function and parameter

  std::unordered_map<std::string_view, Index> function_of_id_;
  std::vector<Key> keys_;                    // sorted
  std::vector<Index> of_access_, handed_to_; // parallel to Program::parameter_accesses
};

class ParameterEffects {
public:
  // All must outlive it.
  ParameterEffects(const Program &program, const Knowledge &api, const WatchedParameters &parameters);

  // Of the parameter at `number` (counted as Access::argument) of the function with this id. What the tables know goes
  // before what the program shows.
  ParameterUse of(std::string_view function_id, std::uint32_t number) const;

private:
  void propagate();
  ParameterUse from_tables(std::string_view function_id, std::uint32_t number) const;
  // `inner`: for an argument, the effect of the parameter that it becomes.
  static ParameterUse effect_of(const ParameterAccess &access, ParameterUse inner);

  const Program &program_;
  const Knowledge &api_;
  const WatchedParameters &parameters_;
  std::vector<ParameterUse> effects_; // by number in parameters_
};

// Fills in what the accesses that are arguments of the program's own functions come to: Access::stored with what the
// callee, or what it hands the parameter on to, stores there, and tests_itself where all of it is stored after a test.
void describe_argument_writes(Program &program, const WatchedParameters &parameters);

} // namespace ringfence
