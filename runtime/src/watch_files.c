/* See watch_files.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "watch_files.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add_range(rf__ranges *ranges, uintptr_t begin, size_t size) {
  if (ranges->count == ranges->room) {
    size_t room = ranges->room ? 2 * ranges->room : 64;
    struct rf__range *grown = realloc(ranges->items, room * sizeof *grown);
    if (!grown)
      return false;
    ranges->items = grown;
    ranges->room = room;
  }
  ranges->items[ranges->count++] = (struct rf__range){begin, begin + size};
  return true;
}

static bool add_mapped(rf__ranges *ranges, const struct dl_phdr_info *info) {
  bool complete = true;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD)
      complete &= add_range(ranges, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, info->dlpi_phdr[i].p_memsz);
  return complete;
}

static int by_address(const void *one, const void *other) {
  const struct rf__range *a = one, *b = other;
  return (a->begin > b->begin) - (a->begin < b->begin);
}

static void sort(rf__ranges *ranges) {
  if (ranges->count)
    qsort(ranges->items, ranges->count, sizeof *ranges->items, by_address);
}

bool rf__covers(const rf__ranges *ranges, uintptr_t address, size_t size) {
  size_t low = 0, high = ranges->count; /* those before `low` begin at or before `address` */
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (ranges->items[middle].begin <= address)
      low = middle + 1;
    else
      high = middle;
  }
  return low > 0 && address <= ranges->items[low - 1].end && size <= ranges->items[low - 1].end - address;
}

/* ---- One file ------------------------------------------------------------------------------------------------- */

static void read_notes(char *build_id, const char *notes, size_t size) {
  while (size >= sizeof(ElfW(Nhdr))) {
    const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)notes;
    size_t name = (note->n_namesz + 3) & ~(size_t)3, text = (note->n_descsz + 3) & ~(size_t)3;
    size_t whole = sizeof *note + name + text;
    if (whole > size)
      return;
    const char *owner = notes + sizeof *note;
    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && memcmp(owner, "GNU", 4) == 0 && note->n_descsz <= 64)
      for (size_t i = 0; i < note->n_descsz; i++)
        snprintf(build_id + 2 * i, 3, "%02x", (unsigned char)owner[name + i]);
    notes += whole;
    size -= whole;
  }
}

struct search {
  const struct link_map *map;
  rf__file *out;
  bool complete;
};

static int describe(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  struct search *search = argument;
  if (info->dlpi_addr != search->map->l_addr || strcmp(info->dlpi_name, search->map->l_name) != 0)
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_NOTE)
      read_notes(search->out->build_id, (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
                 info->dlpi_phdr[i].p_memsz);
  search->complete = add_mapped(&search->out->mapped, info);
  return 1;
}

bool rf__describe_file(void *handle, rf__file *out) {
  struct search search = {NULL, out, false};
  *out = (rf__file){0, "", {NULL, 0, 0}};
  if (dlinfo(handle, RTLD_DI_LINKMAP, &search.map) != 0)
    return false;
  out->base = search.map->l_addr;
  dl_iterate_phdr(describe, &search);
  sort(&out->mapped);
  return search.complete;
}

/* ---- All files ------------------------------------------------------------------------------------------------ */

struct listing {
  rf__ranges *ranges;
  unsigned long long *version;
  bool begun;
};

static int list_file(struct dl_phdr_info *info, size_t size, void *argument) {
  (void)size;
  struct listing *listing = argument;
  if (!listing->begun) {
    if (listing->version[0] == info->dlpi_adds && listing->version[1] == info->dlpi_subs)
      return 1; /* nothing was loaded or unloaded */
    listing->version[0] = info->dlpi_adds;
    listing->version[1] = info->dlpi_subs;
    listing->ranges->count = 0;
    listing->begun = true;
  }
  add_mapped(listing->ranges, info);
  return 0;
}

void rf__list_loaded(rf__ranges *ranges, unsigned long long version[2]) {
  struct listing listing = {ranges, version, false};
  dl_iterate_phdr(list_file, &listing);
  if (listing.begun)
    sort(ranges);
}
