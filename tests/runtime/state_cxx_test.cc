// The C++ header: one object per interpreter, constructed and destroyed with it; a constructor that throws.
#include <ringfence.hpp>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

int failures = 0, alive = 0;
bool refuse = false;

void check(bool condition, const char *what) {
  if (!condition) {
    std::fprintf(stderr, "failed: %s\n", what);
    failures++;
  }
}

struct Cache {
  Cache() {
    if (refuse)
      throw std::runtime_error("planted");
    alive++;
  }
  ~Cache() { alive--; }
  std::vector<std::string> names;
};
struct alignas(128) Wide {
  double lanes[16];
};
struct OtherTag;
using cache = rf::state<Cache>;
using other = rf::state<Cache, OtherTag>;
using wide = rf::state<Wide>;
RF_STATE(state, Wide, nullptr, nullptr)

} // namespace

int main() {
  for (int cycle = 0; cycle < 2; cycle++) {
    Py_InitializeEx(0);
    refuse = true;
    check(cache::get() == nullptr && PyErr_ExceptionMatches(PyExc_RuntimeError), "a throw becomes a RuntimeError");
    PyErr_Clear();
    refuse = false;
    check(cache::enter() == 0, "enter");
    cache::get()->names.push_back("main");
    check(static_cast<void *>(other::get()) != cache::get() && other::get()->names.empty(), "tags tell states apart");

    PyThreadState *home = PyThreadState_Get(), *sub = Py_NewInterpreter();
    check(cache::enter() == 0, "enter in a second interpreter");
    check(reinterpret_cast<uintptr_t>(wide::get()) % 128 == 0, "aligned as the type asks");
    check(reinterpret_cast<uintptr_t>(RF_GET(state)) % 128 == 0, "aligned as the type asks, by RF_STATE");
    check(cache::get()->names.empty(), "a fresh object");
    check(alive == 3, "three objects");
    Py_EndInterpreter(sub);
    PyThreadState_Swap(home);
    check(alive == 2, "destroyed with its interpreter");
    check(cache::get()->names.size() == 1, "the main interpreter's object");
    Py_FinalizeEx();
    check(alive == 0, "all destroyed");
  }
  std::puts(failures ? "FAILED" : "ok");
  return failures != 0;
}
