// What is known of library functions: what they do with the pointers and functions given to them. The knowledge itself
// is data (rules/tables); linking works without any, and then assumes the worst.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ringfence {

enum class ParameterEffect {
  unknown,
  read,         // reads through the pointer during the call and forgets it
  written,      // may write through the pointer during the call, and forgets it
  synchronised, // a lock, once or atomic: written, but safely from any thread
  retained,     // keeps the pointer: writes may come at any time
};

// When a function that is passed as an argument is called.
enum class CallbackUse {
  unknown, // at any time
  during,  // before the call returns (qsort)
  once,    // before the call returns, and once in the life of the process (pthread_once)
  at_end,  // when an object, module, interpreter or the process ends
};

struct ApiFunction {
  std::vector<ParameterEffect> parameters;
  bool variadic = false; // the last of `parameters` stands for all that follow
  bool is_variadic_at(std::size_t argument) const { return variadic && argument + 1 >= parameters.size(); }
  CallbackUse callbacks = CallbackUse::unknown;
  bool lifecycle =
      false; // starts, ends or forks the runtime, or must be called before it starts: no other thread is in it
};

struct ApiKnowledge {
  std::map<std::string, ApiFunction, std::less<>> functions; // by Function::name

  ParameterEffect parameter_effect(std::string_view name, std::size_t argument) const {
    const auto at = functions.find(name);
    if (at == functions.end() || at->second.parameters.empty())
      return ParameterEffect::unknown;
    const ApiFunction &function = at->second;
    if (function.is_variadic_at(argument))
      return function.parameters.back();
    return argument < function.parameters.size() ? function.parameters[argument] : ParameterEffect::unknown;
  }
  bool is_variadic_at(std::string_view name, std::size_t argument) const {
    const auto at = functions.find(name);
    return at != functions.end() && at->second.is_variadic_at(argument);
  }
  bool is_lifecycle(std::string_view name) const {
    const auto at = functions.find(name);
    return at != functions.end() && at->second.lifecycle;
  }
  CallbackUse callback_use(std::string_view name) const {
    const auto at = functions.find(name);
    return at == functions.end() ? CallbackUse::unknown : at->second.callbacks;
  }
};

} // namespace ringfence
