// States of any type: over-aligned ones, one of 512 MB of which little is touched, names that the library uses itself;
// a header that defines states for two files, and two copies of the library in one program.
//   --with state_types_second.c --copies 2
#include "state_types.h"

#include "check.h"

#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 }; // the sanitizer's own memory grows with what is given back
#else
enum { SANITIZED = 0 };
#endif

#if defined(RF_LIKELY) || defined(RF_LOCAL) || defined(RF_THREAD_BASE)
#error "names of the header's own that do not begin with RF__"
#endif
#if RF_VERSION != 100 * RF_VERSION_MINOR + RF_VERSION_PATCH || RF_VERSION < 100
#error "RF_VERSION"
#endif

// MB of the process: its address space, and what of it is resident.
static long megabytes(const char *field) {
  char line[256];
  long kilobytes = -1;
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, strlen(field)) == 0)
      kilobytes = atol(line + strlen(field) + 1);
  if (file)
    fclose(file);
  return kilobytes / 1024;
}

static void test_alignment(void) {
  PyThreadState *home = PyThreadState_Get(), *others[16];
  for (int i = 0; i < 16; i++) {
    others[i] = Py_NewInterpreter();
    CHECK((uintptr_t)RF_GET(state) % 64 == 0 && RF_GET(state)->lanes[7] == 0);
    RF_GET(state)->lanes[7] = i;
  }
  for (int i = 0; i < 16; i++) {
    PyThreadState_Swap(others[i]);
    CHECK(RF_GET(state)->lanes[7] == i);
    Py_EndInterpreter(others[i]);
  }
  PyThreadState_Swap(home);
}

static void test_large_state(void) {
  long resident = megabytes("VmRSS"), size = megabytes("VmSize");
  for (int i = 0; i < 4; i++) {
    PyThreadState *home = PyThreadState_Get(), *other = Py_NewInterpreter();
    CHECK(RF_GET(huge)->bytes[300 << 20] == 0);
    RF_GET(huge)->bytes[300 << 20] = 1;
    Py_EndInterpreter(other);
    PyThreadState_Swap(home);
    CHECK(SANITIZED || megabytes("VmRSS") < resident + 200);
  }
  RF_GET(huge)->bytes[sizeof(huge) - 1] = RF_GET(huge)->bytes[0] = 1;
  RF_CLEAR(huge);
  CHECK(RF_GET(huge)->bytes[sizeof(huge) - 1] == 0 && RF_GET(huge)->bytes[0] == 0);
  CHECK(megabytes("VmSize") < size + 3 * 512); // those of dead interpreters are freed when the next one comes
}

static void test_no_members(void) {
  PyThreadState *home = PyThreadState_Get(), *other = Py_NewInterpreter();
  CHECK(RF_GET(nothing) != NULL);
  Py_EndInterpreter(other);
  PyThreadState_Swap(home);
  CHECK(nothing_cleared == 1);
}

static void test_two_files(void) {
  CHECK(call_from_second_file() == 41);
  CHECK(++RF_GET(shared)->calls == 42 && call_from_second_file() == 43);
  CHECK(*RF_GET(declared) == 2);
}

int main(void) {
  Py_InitializeEx(0);
  test_alignment();
  test_large_state();
  test_no_members();
  test_two_files();
  Py_FinalizeEx();
  printf("%s\n", failures ? "FAILED" : "ok");
  return failures != 0;
}
