// RF_STATE from C++11 on: in a header, in a namespace, in one without a name, over-aligned, with a lambda.
//   --with state_old_cxx_second.cc
#include "state_old_cxx.h"

#include "check.h"

struct alignas(128) Wide {
  char lane;
};
RF_STATE(wide, Wide, nullptr, nullptr)
namespace deep {
RF_STATE(wide, Wide, nullptr, nullptr)
static Wide *mine() { return RF_GET(wide); }
} // namespace deep
namespace {
RF_STATE(
    hidden, PyObject *, [](PyObject **object) { return (*object = PyList_New(0)) ? 0 : -1; },
    [](PyObject **object) { Py_CLEAR(*object); })
} // namespace

int main() {
  for (int cycle = 0; cycle < 2; cycle++) {
    Py_InitializeEx(0);
    PyThreadState *home = PyThreadState_Get();
    for (int i = 0; i < 8; i++) {
      PyThreadState *other = Py_NewInterpreter();
      CHECK(RF_ENTER(hidden) == 0 && PyList_Append(*RF_GET(hidden), Py_None) == 0);
      CHECK(PyList_Size(*RF_GET(hidden)) == 1);
      CHECK(reinterpret_cast<uintptr_t>(RF_GET(wide)) % 128 == 0 && RF_GET(wide) != deep::mine());
      CHECK(call_from_second_file() == 41 && RF_GET(shared)->calls == 41);
      Py_EndInterpreter(other);
      PyThreadState_Swap(home);
    }
    Py_FinalizeEx();
    CHECK(rf_state_counts().blocks == 0);
  }
  printf("%s\n", failures ? "FAILED" : "ok");
  return failures != 0;
}
