// Preloaded: malloc and its kin that fail in one thread, at so many calls from the n-th on. With PYTHONMALLOC=malloc
// that is every allocation of Python's, too. The Python side is channels_memory.py.
#define _GNU_SOURCE 1
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
