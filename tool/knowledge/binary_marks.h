// What is known of compiled extension modules: the marks that generators leave in their files, and the functions that
// tie code to one interpreter.
#pragma once

#include <string_view>

namespace ringfence {

struct BinaryMark {
  std::string_view generator;
  std::string_view text; // in the file's data; where a version follows it, up to what is no digit, dot or underscore
  bool version_follows;
};

// What a module that cffi wrote calls of `_cffi_backend`, which makes it (cffi _cffi_include.h, _cffi_init).
inline constexpr std::string_view made_by_cffi_backend = "_init_cffi_1_0_external_module";

// The first that is found names the generator.
inline constexpr BinaryMark binary_marks[] = {
    {"Cython", "_cython_", true},                  // Cython/Utility/CommonStructures.c: the module of shared types
    {"Cython", "__pyx_capi__", false},             // Cython/Compiler/Naming.py
    {"Cython", "cython_runtime", false},           // the same: the module that tracebacks ask
    {"nanobind", "__nb_internals_v", false},       // nanobind src/nb_internals.cpp
    {"pybind11", "__pybind11_internals_v", false}, // pybind11 detail/internals.h
    {"pybind11", "__pybind11_module_local_v", false},
    {"PyO3", "/pyo3-", true},                       // the folder of its source, in places of panics
    {"PyO3", "pyo3_runtime.PanicException", false}, // pyo3 src/panic.rs
    {"SWIG", "swig_runtime_data", false},           // SWIG Lib/python/pyrun.swg
    {"cffi", "_cffi_backend._C_API", false},        // cffi vengine_cpy.py: modules of verify()
    {"cffi", made_by_cffi_backend, false},
    {"mypyc", "__mypyc_", false}, // mypyc/codegen/emitmodule.py
    {"Boost.Python", "Boost.Python.class", false},
};

// Functions of the C API by which a file's init functions make modules, and say that they need no GIL.
inline constexpr std::string_view multi_phase_calls[] = {"PyModuleDef_Init"};
inline constexpr std::string_view single_phase_calls[] = {"PyModule_Create2", "PyModule_FromDefAndSpec2"};
inline constexpr std::string_view gil_calls[] = {"PyUnstable_Module_SetGIL"};

// Functions of the C API whose answer belongs to one interpreter or to the whole process.
inline constexpr std::string_view process_wide_calls[] = {
    "PyGILState_Ensure", // lands in the main interpreter: c-api/init, "The PyGILState_* functions"
    "PyGILState_GetThisThreadState",
    "PyGILState_Check",
    "PyState_FindModule", // single-phase modules alone
    "PyState_AddModule",
    "Py_AtExit", // runs at the end of the process
    "PyInterpreterState_Main",
    "PyThreadState_GetUnchecked",
    "_PyThreadState_UncheckedGet",
    "PyImport_AppendInittab",
    "PyOS_setsig",
};

// Libraries that keep settings, caches or handles of the process: their callers in several interpreters share them.
// Names without version and suffix.
inline constexpr std::string_view process_wide_libraries[] = {
    "libblas",   // threads and their number
    "libcrypto", // OpenSSL: providers, engines, callbacks for memory
    "libcurl",   // curl_global_init
    "libfftw3",  // plans ("wisdom") and threads
    "libgdal",   // drivers and settings
    "libglib",   // main contexts, types
    "libgomp",   // threads and their number
    "libgsl",    // the error handler
    "libhdf5",   // its identifiers, its lock
    "libldap",   // options of the process
    "libmpi",    // one initialisation for each process
    "libmysqlclient",
    "libncursesw", // one terminal
    "libopenblas",
    "libpq",       // its locks for OpenSSL and Kerberos
    "libproj",     // the default context
    "libreadline", // one line, its hooks
    "libssl",
    "libtcl8", // notifiers
    "libtk8",
    "libX11",  // error handlers
    "libxml2", // parser defaults, error handlers, catalogs
    "libxslt", // registered extensions
};

} // namespace ringfence
