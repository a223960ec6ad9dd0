// What the files of ringfence._runtime offer to each other.
#pragma once

#include <Python.h>

#include <ringfence.h>

// Functions of the module, each ended by an empty entry.
extern PyMethodDef rf_interpreter_methods[], rf_cycle_methods[], rf_watch_methods[], rf_private_methods[];

// Runs `code` in the current interpreter's __main__, `apart` in a copy of its names, and returns what happened as one malloc'ed string, NULL without
// memory: "=" and repr(result) where it bound a name `result`, "=" alone where not, "!" and the traceback on an
// exception.
char *rf_run_code(const char *code, int apart);
