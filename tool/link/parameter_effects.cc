#include "link/parameter_effects.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "link/call_graph.h"

namespace ringfence {
namespace {

// From what keeps an object untouched to what may do anything to it.
int strength(ParameterUse effect) {
  switch (effect) {
  case ParameterUse::read:
    return 0;
  case ParameterUse::synchronised:
    return 1;
  case ParameterUse::written:
    return 2;
  case ParameterUse::retained:
    return 3;
  case ParameterUse::unknown:
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
    const auto rank = [](const StoredValue &each) {
      return std::pair<int, const StoredValue &>(strength(each.kind), each);
    };
    const bool says_more = rank(stored) < rank(value);
    if ((tested || !all_tested) && !says_more)
      return false;
    all_tested &= tested;
    if (says_more)
      stored = StoredValue(value); // `value` may be of this parameter itself
    return true;
  }
};

// The stored value as a caller sees it: one that comes from a parameter of the callee may be anything.
const StoredValue &seen_from_outside(const StoredValue &stored) {
  static const StoredValue any{StoredValue::Kind::expression, {}, none, false};
  return stored.kind == StoredValue::Kind::parameter ? any : stored;
}

} // namespace

WatchedParameters::WatchedParameters(const Program &program) : function_of_id_(index_functions(program)) {
  const std::vector<ParameterAccess> &accesses = program.parameter_accesses;
  for (const ParameterAccess &access : accesses) {
    if (const Key key(access.function, access.parameter); keys_.empty() || keys_.back() != key)
      keys_.push_back(key);
    of_access_.push_back(static_cast<Index>(keys_.size() - 1));
  }
  for (const ParameterAccess &access : accesses)
    handed_to_.push_back(access.kind == AccessKind::argument ? find(access.callee, access.argument) : none);
}

Index WatchedParameters::function(std::string_view id) const {
  const auto at = function_of_id_.find(id);
  return at == function_of_id_.end() ? none : at->second;
}

Index WatchedParameters::find(std::string_view function_id, std::uint32_t number) const {
  const Index known = function(function_id);
  if (known == none)
    return none;
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), Key(known, number));
  return at != keys_.end() && *at == Key(known, number) ? static_cast<Index>(at - keys_.begin()) : none;
}

void describe_argument_writes(Program &program, const WatchedParameters &parameters) {
  std::vector<std::optional<ParameterWrites>> all(parameters.size());
  const auto behind = [&](Index parameter) { return parameter != none && all[parameter] ? &*all[parameter] : nullptr; };
  const auto add = [&](Index access, bool tested, const StoredValue &value) {
    std::optional<ParameterWrites> &writes = all[parameters.of_access(access)];
    if (!writes)
      writes.emplace();
    return writes->add(tested, value);
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (Index i = 0; i < program.parameter_accesses.size(); ++i) {
      const ParameterAccess &access = program.parameter_accesses[i];
      if (!access.path.empty())
        continue;
      if (access.kind == AccessKind::write || access.kind == AccessKind::read_modify_write)
        changed |= add(i, access.tests_itself, seen_from_outside(access.stored));
      else if (const ParameterWrites *inner = behind(parameters.handed_to(i)))
        changed |= add(i, access.tests_itself || inner->all_tested, inner->stored);
    }
  }
  for (Access &access : program.accesses)
    if (access.kind == AccessKind::argument)
      if (const ParameterWrites *writes = behind(parameters.find(access.callee, access.argument))) {
        access.stored = writes->stored;
        access.tests_itself |= writes->all_tested;
      }
}

ParameterEffects::ParameterEffects(const Program &program, const Knowledge &api, const WatchedParameters &parameters)
    : program_(program), api_(api), parameters_(parameters), effects_(parameters.size(), ParameterUse::read) {
  propagate();
}

ParameterUse ParameterEffects::of(std::string_view function_id, std::uint32_t number) const {
  const ParameterUse known = from_tables(function_id, number);
  const Index parameter = known == ParameterUse::unknown ? parameters_.find(function_id, number) : none;
  return parameter == none ? known : effects_[parameter];
}

ParameterUse ParameterEffects::from_tables(std::string_view function_id, std::uint32_t number) const {
  const Index function = parameters_.function(function_id);
  return api_.parameter_use(function == none ? function_id : program_.functions[function].name, number);
}

// Effects only grow, so that functions which call each other settle.
void ParameterEffects::propagate() {
  std::vector<ParameterUse> known; // of each access: what the tables say of the parameter that it is handed on to
  known.reserve(program_.parameter_accesses.size());
  for (const ParameterAccess &access : program_.parameter_accesses)
    known.push_back(access.kind == AccessKind::argument ? from_tables(access.callee, access.argument)
                                                        : ParameterUse::unknown);
  for (bool changed = true; changed;) {
    changed = false;
    for (Index i = 0; i < known.size(); ++i) {
      const Index to = parameters_.handed_to(i);
      const ParameterUse inner = known[i] != ParameterUse::unknown || to == none ? known[i] : effects_[to];
      ParameterUse &effect = effects_[parameters_.of_access(i)];
      const ParameterUse more = effect_of(program_.parameter_accesses[i], inner);
      if (strength(more) <= strength(effect))
        continue;
      effect = more;
      changed = true;
    }
  }
}

ParameterUse ParameterEffects::effect_of(const ParameterAccess &access, ParameterUse inner) {
  if (!access.path.empty())
    return ParameterUse::read;
  switch (access.kind) {
  case AccessKind::read:
    return ParameterUse::read;
  case AccessKind::write:
  case AccessKind::read_modify_write:
    return access.guarded ? ParameterUse::synchronised : ParameterUse::written;
  case AccessKind::argument:
    return access.guarded && inner == ParameterUse::written ? ParameterUse::synchronised : inner;
  case AccessKind::stored:
  case AccessKind::returned:
  case AccessKind::address:
    return ParameterUse::unknown;
  }
  return ParameterUse::unknown;
}

} // namespace ringfence
