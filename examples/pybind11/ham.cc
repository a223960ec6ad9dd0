// How often each word was counted, per interpreter: an object of C++ that is made at its first use and dies with its
// interpreter.
#include <pybind11/pybind11.h>

#include <ringfence.hpp>
#include <string>
#include <unordered_map>

namespace {

struct Words {
  std::unordered_map<std::string, int> counts;
};
using words = rf::state<Words>;

int count(const std::string &word) {
  Words *state = words::get();
  if (!state)
    throw pybind11::error_already_set();
  return ++state->counts[word];
}

} // namespace

#ifdef PYBIND11_HAS_SUBINTERPRETER_SUPPORT // pybind11 3, where Python is 3.12 or newer
PYBIND11_MODULE(ham, module, pybind11::multiple_interpreters::per_interpreter_gil()) {
#else
PYBIND11_MODULE(ham, module) {
#endif
  if (words::enter() < 0)
    throw pybind11::error_already_set();
  module.def("count", &count);
}
