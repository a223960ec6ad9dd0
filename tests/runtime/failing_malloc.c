// Preloaded: malloc and its kin that fail in one thread, at so many calls from the n-th on, and Python's allocators, when
// fail_in_python was called. The Python side is channels_memory.py.
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int target;        // a thread, as gettid() numbers them; 0: none
static int before;        // calls there that succeed
static int failures_left; // then as many fail
static int failed;

void fail_in(int thread, int after, int count) {
  __atomic_store_n(&target, 0, __ATOMIC_SEQ_CST);
  before = after;
  failures_left = count;
  failed = 0;
  __atomic_store_n(&target, thread, __ATOMIC_SEQ_CST);
}

int end_failing(void) { // how many have failed
  __atomic_store_n(&target, 0, __ATOMIC_SEQ_CST);
  return failed;
}

static bool fails(void) {
  int thread = __atomic_load_n(&target, __ATOMIC_SEQ_CST);
  if (thread == 0 || thread != (int)syscall(SYS_gettid))
    return false;
  if (before > 0) {
    before--;
    return false;
  }
  if (failures_left == 0)
    return false;
  failures_left--;
  failed++;
  errno = ENOMEM;
  return true;
}

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t),
    *__libc_memalign(size_t, size_t);
void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }
void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }
void *realloc(void *memory, size_t size) { return fails() ? NULL : __libc_realloc(memory, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = fails() ? NULL : __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}

// ---- Python's allocators, by what Python.h says of them, so that one library serves every Python ----

enum { DOMAINS = 3 };
typedef struct {
  void *context;
  void *(*malloc)(void *, size_t);
  void *(*calloc)(void *, size_t, size_t);
  void *(*realloc)(void *, void *, size_t);
  void (*free)(void *, void *);
} python_allocator;
static python_allocator originals[DOMAINS];

static void *python_malloc(void *context, size_t size) {
  python_allocator *original = context;
  return fails() ? NULL : original->malloc(original->context, size);
}
static void *python_calloc(void *context, size_t count, size_t size) {
  python_allocator *original = context;
  return fails() ? NULL : original->calloc(original->context, count, size);
}
static void *python_realloc(void *context, void *memory, size_t size) {
  python_allocator *original = context;
  return fails() ? NULL : original->realloc(original->context, memory, size);
}
static void python_free(void *context, void *memory) {
  python_allocator *original = context;
  original->free(original->context, memory);
}

// Before there are threads.
void fail_in_python(void) {
  void (*get)(int, python_allocator *) = (void (*)(int, python_allocator *))dlsym(RTLD_DEFAULT, "PyMem_GetAllocator");
  void (*set)(int, python_allocator *) = (void (*)(int, python_allocator *))dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");
  for (int domain = 0; domain < DOMAINS; domain++) {
    get(domain, &originals[domain]);
    set(domain, &(python_allocator){&originals[domain], python_malloc, python_calloc, python_realloc, python_free});
  }
}
