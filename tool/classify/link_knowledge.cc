#include "classify/link_knowledge.h"

namespace ringfence {
namespace {

ParameterEffect effect_of(ParameterUse use) {
  switch (use) {
  case ParameterUse::unknown:
    return ParameterEffect::unknown;
  case ParameterUse::read:
    return ParameterEffect::read;
  case ParameterUse::written:
    return ParameterEffect::written;
  case ParameterUse::retained:
    return ParameterEffect::retained;
  case ParameterUse::synchronised:
    return ParameterEffect::synchronised;
  }
  return ParameterEffect::unknown;
}

CallbackUse callbacks_of(const ApiEntry &entry) {
  if (entry.has("once"))
    return CallbackUse::once;
  if (entry.has("calls-argument"))
    return CallbackUse::during;
  if (entry.has("process-exit-hook") || entry.has("py-atexit") || entry.has("capsule-new"))
    return CallbackUse::at_end;
  return CallbackUse::unknown;
}

} // namespace

ApiKnowledge link_knowledge(const ApiTables &tables) {
  ApiKnowledge knowledge;
  for (const auto &[name, entry] : tables.functions()) {
    ApiFunction function;
    for (const ParameterUse use : entry.parameters)
      function.parameters.push_back(effect_of(use));
    function.variadic = entry.variadic;
    function.callbacks = callbacks_of(entry);
    function.lifecycle = entry.has("runtime-lifecycle");
    knowledge.functions.emplace(name, std::move(function));
  }
  return knowledge;
}

} // namespace ringfence
