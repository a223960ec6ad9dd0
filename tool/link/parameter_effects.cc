#include "link/parameter_effects.h"

#include <algorithm>
#include <tuple>

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

// From what says least of a stored value to what says most.
int strength(StoredValue::Kind kind) {
  switch (kind) {
  case StoredValue::Kind::nothing:
    return 0;
  case StoredValue::Kind::null:
    return 1;
  case StoredValue::Kind::constant:
    return 2;
  case StoredValue::Kind::parameter:
  case StoredValue::Kind::expression:
    return 3;
  case StoredValue::Kind::function:
    return 4;
  case StoredValue::Kind::object:
    return 5;
  case StoredValue::Kind::call:
    return 6;
  }
  return 0;
}

// What is written behind one parameter: nothing, unless `stored` says so.
struct ParameterWrites {
  bool all_tested = true;
  StoredValue stored;

  // Both only grow: true where something changed.
  bool add(bool tested, const StoredValue &value) {
    const auto rank = [](const StoredValue &each) { return std::tuple(strength(each.kind), each); };
    if ((tested || !all_tested) && rank(value) <= rank(stored))
      return false;
    all_tested &= tested;
    stored = std::max(stored, value, [&](const auto &a, const auto &b) { return rank(a) < rank(b); });
    return true;
  }
};

// What the callee knows by a parameter is any value to its caller.
StoredValue seen_from_outside(const StoredValue &stored) {
  if (stored.kind == StoredValue::Kind::parameter)
    return {StoredValue::Kind::expression, {}, none, false};
  return stored;
}

} // namespace

void describe_argument_writes(Program &program) {
  const std::unordered_map<std::string_view, Index> function_of_id = index_functions(program);
  std::map<std::pair<Index, std::uint32_t>, ParameterWrites> all;
  const auto behind = [&](const std::string &callee, std::uint32_t argument) -> const ParameterWrites * {
    const auto function = function_of_id.find(callee);
    const auto found = function == function_of_id.end() ? all.end() : all.find({function->second, argument});
    return found == all.end() ? nullptr : &found->second;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const ParameterAccess &access : program.parameter_accesses) {
      const std::pair key(access.function, access.parameter);
      if (!access.path.empty())
        continue;
      if (access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write)
        changed |= all[key].add(access.tests_itself, seen_from_outside(access.stored));
      else if (const auto *inner =
                   access.kind == AccessKind::argument ? behind(access.callee, access.argument) : nullptr)
        changed |= all[key].add(access.tests_itself || inner->all_tested, StoredValue(inner->stored));
    }
  }
  for (Access &access : program.accesses)
    if (const auto *writes = access.kind == AccessKind::argument ? behind(access.callee, access.argument) : nullptr) {
      access.stored = writes->stored;
      access.tests_itself |= writes->all_tested;
    }
}

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
  if (!access.path.empty())
    return ParameterEffect::read;
  switch (access.kind) {
  case AccessKind::read:
    return ParameterEffect::read;
  case AccessKind::write:
  case AccessKind::read_modify_write:
    return access.guarded ? ParameterEffect::synchronised : ParameterEffect::written;
  case AccessKind::argument: {
    const ParameterEffect inner = of(access.callee, access.argument);
    return access.guarded && inner == ParameterEffect::written ? ParameterEffect::synchronised : inner;
  }
  case AccessKind::stored:
  case AccessKind::returned:
  case AccessKind::address:
    return ParameterEffect::unknown;
  }
  return ParameterEffect::unknown;
}

} // namespace ringfence
