// Runs the main() of a test that was linked as a shared object, so that libpython comes with dlopen and its
// thread-locals are not at one distance from the thread pointer:
//   dlopen_host TEST.so [ARGUMENT...]
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  void *test = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
  void *address = test ? dlsym(test, "main") : NULL;
  int (*test_main)(int, char **);
  if (!address) {
    fprintf(stderr, "%s\n", argc > 1 ? dlerror() : "no test named");
    return 2;
  }
  memcpy(&test_main, &address, sizeof test_main);
  return test_main(argc - 1, argv + 1);
}
