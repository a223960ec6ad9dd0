// Whether a program with threads may fork children that allocate: not under the sanitizers. ThreadSanitizer forbids such
// forks, and GCC 12's AddressSanitizer leaves its allocator's locks as other threads held them (seen: the child waits for
// one in malloc for ever). glibc's malloc takes its own locks at a fork.
#pragma once

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { THREADS_MAY_FORK = 0 };
#else
enum { THREADS_MAY_FORK = 1 };
#endif
