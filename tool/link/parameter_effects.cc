#include "link/parameter_effects.h"

#include "link/call_graph.h"

namespace ringfence {
namespace {

// From what keeps an object untouched to what may do anything to it.
int strength(ParameterEffect effect) {
  switch (effect) {
  case ParameterEffect::read:
    return 0;
  case ParameterEffect::synchronised:
    return 1;
  case ParameterEffect::written:
    return 2;
  case ParameterEffect::retained:
    return 3;
  case ParameterEffect::unknown:
    return 4;
  }
  return 4;
}

} // namespace

ParameterEffects::ParameterEffects(const Program &program, const ApiKnowledge &api)
    : program_(program), api_(api), function_of_id_(index_functions(program)) {
  for (const ParameterAccess &access : program.parameter_accesses)
    effects_.try_emplace({access.function, access.parameter}, ParameterEffect::read);
  propagate();
}

ParameterEffect ParameterEffects::of(std::string_view function_id, std::uint32_t number) const {
  const auto at = function_of_id_.find(function_id);
  const std::string name = at == function_of_id_.end() ? std::string(function_id) : program_.functions[at->second].name;
  const ParameterEffect known = api_.parameter_effect(name, number);
  if (known != ParameterEffect::unknown || at == function_of_id_.end())
    return known;
  const auto effect = effects_.find({at->second, number});
  return effect == effects_.end() ? ParameterEffect::unknown : effect->second;
}

// Effects only grow, so that functions which call each other settle.
void ParameterEffects::propagate() {
  for (bool changed = true; changed;) {
    changed = false;
    for (const ParameterAccess &access : program_.parameter_accesses) {
      ParameterEffect &effect = effects_.at({access.function, access.parameter});
      const ParameterEffect more = effect_of(access);
      if (strength(more) <= strength(effect))
        continue;
      effect = more;
      changed = true;
    }
  }
}

ParameterEffect ParameterEffects::effect_of(const ParameterAccess &access) const {
  switch (access.kind) {
  case AccessKind::read:
    return ParameterEffect::read;
  case AccessKind::write:
  case AccessKind::read_modify_write:
    return access.guarded ? ParameterEffect::synchronised : ParameterEffect::written;
  case AccessKind::argument:
    return of(access.callee, access.argument);
  case AccessKind::stored:
  case AccessKind::returned:
  case AccessKind::address:
    return ParameterEffect::unknown;
  }
  return ParameterEffect::unknown;
}

} // namespace ringfence
