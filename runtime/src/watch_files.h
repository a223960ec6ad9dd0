/* What the watch asks of loaded files: which one a handle is, what of it is mapped, and whether an address lies in any. */
#ifndef RINGFENCE_WATCH_FILES_H
#define RINGFENCE_WATCH_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ringfence.h"

/* Mapped ranges of addresses, sorted, each from `begin` up to `end`, which is outside. */
typedef struct {
  struct rf__range {
    uintptr_t begin, end;
  } * items;
  size_t count, room;
} rf__ranges;

/* Whether `size` bytes at `address` lie in one range. */
RF__HIDDEN bool rf__covers(const rf__ranges *ranges, uintptr_t address, size_t size);

typedef struct {
  uintptr_t base;
  char build_id[129]; /* in hexadecimal; empty where the file has none */
  rf__ranges mapped;  /* `items` is the caller's to free */
} rf__file;

/* Describes the file of a handle from dlopen. False with dlerror, or without memory. */
RF__HIDDEN bool rf__describe_file(void *handle, rf__file *out);

/* Brings `ranges` up to date with all files that are loaded, of which `version` tells whether they are the same as last
 * time. What finds no memory is left out. */
RF__HIDDEN void rf__list_loaded(rf__ranges *ranges, unsigned long long version[2]);

#endif
