// What the program's own functions do with the memory that their parameters lead to, over all that they call.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "link/api_knowledge.h"
#include "link/program.h"

namespace ringfence {

class ParameterEffects {
public:
  // Both must outlive it.
  ParameterEffects(const Program &program, const ApiKnowledge &api);

  // Of the parameter at `number` (counted as Access::argument) of the function with this id. What the tables know goes
  // before what the program shows.
  ParameterEffect of(std::string_view function_id, std::uint32_t number) const;

private:
  void propagate();
  ParameterEffect effect_of(const ParameterAccess &access) const;

  const Program &program_;
  const ApiKnowledge &api_;
  std::unordered_map<std::string_view, Index> function_of_id_;
  std::map<std::pair<Index, std::uint32_t>, ParameterEffect> effects_; // by function and parameter: those watched
};

// Fills in what the accesses that are arguments of the program's own functions come to: Access::stored with what the
// callee, or what it hands the parameter on to, stores there, and tests_itself where all of it is stored after a test.
void describe_argument_writes(Program &program);

} // namespace ringfence
