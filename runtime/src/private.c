/* See ringfence_private.h. The dynamic loader knows a file by name and inode, so each copy is an anonymous file of its
 * own whose descriptor stays open while it is loaded. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "ringfence_private.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct private_copy {
  void *handle;
  int descriptor;
  bool stays;   /* loaded, for others may call its code when its interpreter is gone */
  bool retired; /* its interpreter has ended or is about to, in the thread `retired_by` */
  unsigned long retired_by;
  struct private_copy *owned_next, *next;
} private_copy;

typedef struct {
  private_copy *first;
} owned_copies;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static private_copy *copies;

static void retire_copies(owned_copies *owned) {
  pthread_mutex_lock(&lock);
  for (private_copy *copy = owned->first; copy; copy = copy->owned_next) {
    copy->retired = true;
    copy->retired_by = PyThread_get_thread_ident();
  }
  pthread_mutex_unlock(&lock);
}
RF_STATE(private_copies, owned_copies, NULL, retire_copies)

/* ---- Copying -------------------------------------------------------------------------------------------------- */

/* Functions by which code is called later than its interpreter lives: at exit, in threads, when threads end, by signals
 * and hooks. What a library's destructors and atexit registered runs when it is unloaded, so they are not here. */
static bool leaves_code(const char *symbol) {
  static const char *const names[] = {
      "Py_AtExit",
      "PyUnstable_AtExit",
      "_Py_AtExit",
      "Py_AddPendingCall",
      "PySys_AddAuditHook",
      "PyOS_setsig",
      "PyThread_start_new_thread",
      "PyThread_start_joinable_thread",
      "PyThread_create_key",
      "PyMem_SetAllocator",
      "PyObject_SetArenaAllocator",
      "PyImport_AppendInittab",
      "PyImport_ExtendInittab",
      "PyImport_Inittab",
      "PyImport_FrozenModules",
      "PyFile_SetOpenCodeHook",
      "PyRefTracer_SetTracer",
      "PyOS_InputHook",
      "PyOS_ReadlineFunctionPointer",
      "pthread_create",
      "pthread_key_create",
      "pthread_atfork",
      "__register_atfork",
      "thrd_create",
      "tss_create",
      "tss_set",
      "clone",
      "on_exit",
      "at_quick_exit",
      "__cxa_at_quick_exit",
      "__cxa_thread_atexit",
      "__cxa_thread_atexit_impl",
      "signal",
      "__sysv_signal",
      "bsd_signal",
      "sigset",
      "sigaction",
      "timer_create",
      "mq_notify",
      "_ZSt13set_terminatePFvvE",
      "_ZSt15set_new_handlerPFvvE",
      "_ZNSt6thread15_M_start_threadESt10unique_ptrINS_6_StateESt14default_deleteIS1_EEPFvvE"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(symbol, names[i]) == 0)
      return true;
  return false;
}

/* Whether a linked library may have been given a function to call later, which it, shared with others, still does when the
 * copy is gone: any but those of the C and C++ compilers and Python's own, whose functions are named above. */
static bool keeps_functions(const char *library) {
  static const char *const harmless[] = {"libc.",    "libm.",     "libmvec.",   "libpthread.", "libdl.",   "librt.",
                                         "libutil.", "libgcc_s.", "libstdc++.", "ld-linux",    "libpython"};
  for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
    if (strncmp(library, harmless[i], strlen(harmless[i])) == 0)
      return false;
  return true;
}

/* A section that lies in the file, with the strings that it names. */
typedef struct {
  unsigned char *begin;
  size_t size;
  const char *strings;
  size_t strings_size;
} named_section;

/* Makes unique symbols, which are one for the whole process, copies included, global ones. */
static bool symbols_leave_code(named_section symbols) {
  bool leaves = false;
  for (size_t at = 0; at + sizeof(ElfW(Sym)) <= symbols.size; at += sizeof(ElfW(Sym))) {
    ElfW(Sym) symbol;
    memcpy(&symbol, symbols.begin + at, sizeof symbol);
    if (symbol.st_info >> 4 == STB_GNU_UNIQUE) {
      symbol.st_info = (unsigned char)(STB_GLOBAL << 4 | (symbol.st_info & 15));
      memcpy(symbols.begin + at, &symbol, sizeof symbol);
    }
    if (symbol.st_shndx == SHN_UNDEF && symbol.st_name < symbols.strings_size)
      leaves |= leaves_code(symbols.strings + symbol.st_name);
  }
  return leaves;
}

static bool libraries_keep_functions(named_section dynamic) {
  bool keep = false;
  for (size_t at = 0; at + sizeof(ElfW(Dyn)) <= dynamic.size; at += sizeof(ElfW(Dyn))) {
    ElfW(Dyn) entry;
    memcpy(&entry, dynamic.begin + at, sizeof entry);
    if (entry.d_tag == DT_NEEDED && entry.d_un.d_val < dynamic.strings_size)
      keep |= keeps_functions(dynamic.strings + entry.d_un.d_val);
  }
  return keep;
}

/* Prepares the image of a whole file for its copy. Returns whether it may leave code behind, as one without readable
 * symbols may. */
static bool prepare(unsigned char *image, size_t size) {
  ElfW(Ehdr) header;
  bool symbols = false, libraries = false, leaves = false;
  if (size < sizeof header || memcmp(image, ELFMAG, SELFMAG) != 0)
    return true;
  memcpy(&header, image, sizeof header);
  for (size_t i = 0; i < header.e_shnum; i++) {
    ElfW(Shdr) section, strings;
    if (header.e_shoff > size || header.e_shnum * sizeof section > size - header.e_shoff)
      return true;
    memcpy(&section, image + header.e_shoff + i * sizeof section, sizeof section);
    if ((section.sh_type != SHT_DYNSYM && section.sh_type != SHT_DYNAMIC) || section.sh_link >= header.e_shnum ||
        section.sh_offset > size || section.sh_size > size - section.sh_offset)
      continue;
    memcpy(&strings, image + header.e_shoff + section.sh_link * sizeof strings, sizeof strings);
    if (strings.sh_offset > size || strings.sh_size > size - strings.sh_offset || strings.sh_size == 0 ||
        image[strings.sh_offset + strings.sh_size - 1] != 0)
      continue;
    named_section found = {image + section.sh_offset, section.sh_size, (const char *)image + strings.sh_offset,
                           strings.sh_size};
    if (section.sh_type == SHT_DYNSYM) {
      symbols = true;
      leaves |= symbols_leave_code(found);
    } else {
      libraries = true;
      leaves |= libraries_keep_functions(found);
    }
  }
  return leaves || !symbols || !libraries;
}

/* An anonymous file with the content of `path`, -1 with an exception; `stays` as in private_copy. */
static int copy_file(const char *path, bool *stays) {
  struct stat status;
  int source = open(path, O_RDONLY | O_CLOEXEC), copy = -1;
  void *image = MAP_FAILED;
  if (source >= 0 && fstat(source, &status) == 0 && status.st_size > 0)
    image = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, source, 0);
  if (image != MAP_FAILED) {
    *stays = prepare(image, (size_t)status.st_size);
    copy = memfd_create("ringfence", MFD_CLOEXEC);
    for (size_t done = 0; copy >= 0 && done < (size_t)status.st_size;) {
      ssize_t written = write(copy, (char *)image + done, (size_t)status.st_size - done);
      if (written <= 0) {
        close(copy);
        copy = -1;
      } else {
        done += (size_t)written;
      }
    }
  }
  if (copy < 0)
    PyErr_SetFromErrnoWithFilename(PyExc_ImportError, path);
  if (image != MAP_FAILED)
    munmap(image, (size_t)status.st_size);
  if (source >= 0)
    close(source);
  return copy;
}

/* The original first: what it links is then loaded, found by names relative to where it lies. */
static void *load_copy(const char *path, int descriptor) {
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  void *original = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  void *handle = original ? dlopen(name, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (!handle) {
    const char *reason = dlerror();
    bool no_room = strstr(reason, "static TLS") != NULL;
    PyErr_Format(PyExc_ImportError, "no private copy of %s: %s%s", path, reason,
                 no_room ? " (it has thread-locals of the initial-exec model, for which few copies have room)" : "");
  }
  return handle;
}

#if PY_VERSION_HEX >= 0x030C0000
static void unload(private_copy *copy) {
  dlclose(copy->handle);
  close(copy->descriptor);
  free(copy);
}

void rf_release_private(void) {
  unsigned long self = PyThread_get_thread_ident();
  private_copy *released = NULL;
  pthread_mutex_lock(&lock);
  for (private_copy **place = &copies; *place;) {
    private_copy *copy = *place;
    if (copy->retired && copy->retired_by == self && !copy->stays) {
      *place = copy->next;
      copy->next = released;
      released = copy;
    } else {
      place = &copy->next;
    }
  }
  pthread_mutex_unlock(&lock);
  while (released) {
    private_copy *next = released->next;
    unload(released);
    released = next;
  }
}
#else
void rf_release_private(void) {}
#endif

size_t rf_private_count(void) {
  size_t count = 0;
  pthread_mutex_lock(&lock);
  for (private_copy *copy = copies; copy; copy = copy->next)
    count++;
  pthread_mutex_unlock(&lock);
  return count;
}

/* Makes the copy belong to the current interpreter: it stays loaded even where its initialisation fails, which may have
 * left objects behind. */
static void *new_copy(const char *path) {
  owned_copies *owned = RF_GET(private_copies);
  private_copy *copy = owned ? calloc(1, sizeof *copy) : NULL;
  if (!copy) {
    if (owned)
      PyErr_NoMemory();
    return NULL;
  }
  copy->descriptor = copy_file(path, &copy->stays);
  copy->handle = copy->descriptor < 0 ? NULL : load_copy(path, copy->descriptor);
  if (!copy->handle) {
    if (copy->descriptor >= 0)
      close(copy->descriptor);
    free(copy);
    return NULL;
  }
  pthread_mutex_lock(&lock);
  copy->owned_next = owned->first;
  owned->first = copy;
  copy->next = copies;
  copies = copy;
  pthread_mutex_unlock(&lock);
  return copy->handle;
}

/* ---- Modules -------------------------------------------------------------------------------------------------- */

/* Lets the current interpreter load modules that do not claim to support it: a copy needs no claim. Returns what to
 * pass next time to have it as it was, -2 where there is nothing to override (the main interpreter, Python
 * before 3.12). */
static int override_check(int wanted) {
#if PY_VERSION_HEX >= 0x030C0000
  if (wanted == -2 || PyInterpreterState_GetID(PyInterpreterState_Get()) == 0)
    return -2;
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyObject *imp = PyImport_ImportModule("_imp");
  PyObject *old = imp ? PyObject_CallMethod(imp, "_override_multi_interp_extensions_check", "i", wanted) : NULL;
  int before = old ? (int)PyLong_AsLong(old) : -2;
  Py_XDECREF(old);
  Py_XDECREF(imp);
  PyErr_Restore(type, value, traceback);
  return before;
#else
  (void)wanted;
  return -2;
#endif
}

/* What the import system does after a single-phase init. */
static PyObject *finish_single_phase(PyObject *module, const char *name, const char *path) {
  PyModuleDef *def = PyModule_GetDef(module);
  if (!def) {
    PyErr_Clear(); /* a module of another kind has none */
  } else if (!PyState_FindModule(def) && PyState_AddModule(module, def) < 0) {
    Py_DECREF(module);
    return NULL;
  }
  if (PyModule_AddStringConstant(module, "__name__", name) < 0 ||
      PyModule_AddStringConstant(module, "__file__", path) < 0)
    Py_CLEAR(module);
  return module;
}

static PyObject *initialise(PyObject *(*init)(void), const char *name, const char *path, PyObject *spec) {
  PyObject *result = init();
  if (!result || PyErr_Occurred()) {
    if (!PyErr_Occurred())
      PyErr_Format(PyExc_SystemError, "initialization of %s failed without an exception", name);
    return NULL;
  }
  if (!PyObject_TypeCheck(result, &PyModuleDef_Type)) {
    if (PyModule_Check(result))
      return finish_single_phase(result, name, path);
    PyErr_Format(PyExc_SystemError, "initialization of %s did not return a module", name);
    return NULL;
  }
  int before = override_check(-1);
  PyObject *module = PyModule_FromDefAndSpec((PyModuleDef *)result, spec);
  override_check(before);
  return module;
}

PyObject *rf_load_private(const char *name, const char *path, PyObject *spec) {
  rf_release_private();
  const char *dot = strrchr(name, '.');
  char symbol[256];
  int length = snprintf(symbol, sizeof symbol, "PyInit_%s", dot ? dot + 1 : name);
  if (length < 0 || (size_t)length >= sizeof symbol) {
    PyErr_SetString(PyExc_ImportError, "the module's name is too long");
    return NULL;
  }
  void *handle = new_copy(path);
  if (!handle)
    return NULL;
  void *address = dlsym(handle, symbol);
  if (!address) {
    PyErr_Format(PyExc_ImportError, "%s does not define %s", path, symbol);
    return NULL;
  }
  PyObject *(*init)(void);
  memcpy(&init, &address, sizeof init);
  return initialise(init, name, path, spec);
}

int rf_exec_private(PyObject *module) {
  PyModuleDef *def = PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
  if (!def || !def->m_slots) {
    PyErr_Clear();
    return 0;
  }
  int before = override_check(-1);
  int result = PyModule_ExecDef(module, def);
  override_check(before);
  return result;
}
