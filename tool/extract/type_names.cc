#include "extract/type_names.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringMap.h>

namespace ringfence {

namespace {

struct Row {
  NamedType type;
  std::initializer_list<llvm::StringRef> names;
};

// Python: Include/ of CPython 3.9 to 3.14 (public and internal headers). POSIX: the headers' own names in glibc and
// musl.
const Row table[] = {
    {NamedType::object,
     {"PyObject", "_object", "PyVarObject", "PyTypeObject", "_typeobject", "PyHeapTypeObject", "_heaptypeobject",
      "PyFrameObject", "_frame", "PyLongObject", "_longobject", "PyCodeObject", "PyGenObject", "PyWeakReference",
      "_PyWeakReference", "PyModuleDef"}},
    {NamedType::interpreter,
     {"PyInterpreterState", "_is", "PyThreadState", "_ts", "PyGILState_STATE", "PyInterpreterGuard",
      "PyInterpreterView"}},
    {NamedType::lock,
     {"PyMutex", "_PyMutex", "PyThread_type_lock", "_PyOnceFlag", "_PyRWMutex", "_PyRecursiveMutex", "_PyRawMutex",
      "_PySeqLock", "PyEvent", "PyMUTEX_T", "PyCOND_T", "PyThread_type_sema"}},
    {NamedType::lock,
     {"pthread_mutex_t", "pthread_rwlock_t", "pthread_spinlock_t", "pthread_cond_t", "pthread_once_t",
      "pthread_barrier_t", "sem_t", "mtx_t", "cnd_t", "once_flag", "CRITICAL_SECTION", "SRWLOCK", "CONDITION_VARIABLE",
      "INIT_ONCE", "GMutex", "_GMutex", "GRecMutex", "GRWLock", "GOnce"}},
    {NamedType::lock, {"Tcl_Mutex", "Tcl_Condition"}},
    {NamedType::lock,
     {"std::mutex", "std::timed_mutex", "std::recursive_mutex", "std::recursive_timed_mutex", "std::shared_mutex",
      "std::shared_timed_mutex", "std::condition_variable", "std::condition_variable_any", "std::once_flag",
      "std::counting_semaphore", "std::latch", "std::barrier", "pybind11::gil_safe_call_once", "nanobind::ft_mutex",
      "absl::Mutex", "absl::once_flag", "boost::mutex", "tbb::spin_mutex"}},
    {NamedType::atomic_flag, {"atomic_flag", "std::atomic_flag"}},
    {NamedType::handle,
     {"FILE",
      "_IO_FILE",
      "DIR",
      "__dirstream",
      "pthread_key_t",
      "pthread_t",
      "tss_t",
      "Py_tss_t",
      "_Py_tss_t",
      "iconv_t",
      "timer_t",
      "mqd_t",
      "locale_t",
      "regex_t",
      "nl_catd",
      "HANDLE",
      "HMODULE",
      "HINSTANCE",
      "SOCKET",
      "std::thread",
      "std::jthread",
      "std::basic_ofstream",
      "std::basic_ifstream",
      "std::basic_fstream"}},
    {NamedType::owner,
     {"pybind11::object", "nanobind::object", "boost::python::object", "boost::python::api::object",
      "boost::python::api::object_base", "boost::python::handle", "Py::Object", "PyObjectPtr"}},
    {NamedType::borrower, {"pybind11::handle", "nanobind::handle", "nanobind::detail::api"}},
    {NamedType::wrapper, {"pybind11::gil_safe_call_once_and_store", "boost::optional", "absl::optional"}},
    {NamedType::pointer,
     {"std::unique_ptr", "std::shared_ptr", "std::weak_ptr", "boost::shared_ptr", "boost::scoped_ptr",
      "boost::intrusive_ptr"}},
    {NamedType::crossing, {"_PyCrossInterpreterData", "_xid", "_xidata", "_PyXIData_t"}},
    {NamedType::callable, {"std::function", "std::move_only_function", "boost::function"}},
};

const llvm::StringRef python_api_records[] = {
    "PyModuleDef",           "PyModuleDef_Slot",       "PyMethodDef",       "PyGetSetDef",
    "PyMemberDef",           "PyTypeObject",           "PyType_Spec",       "PyType_Slot",
    "PyNumberMethods",       "PyBufferProcs",          "PySequenceMethods", "PySlot",
    "PyMappingMethods",      "PyAsyncMethods",         "PyABIInfo",         "_inittab",
    "PyStructSequence_Desc", "PyStructSequence_Field", "_typeobject",       "PyHeapTypeObject",
};

llvm::StringMap<NamedType> index_names() {
  llvm::StringMap<NamedType> names;
  for (const Row &row : table)
    for (llvm::StringRef name : row.names)
      names[name] = row.type;
  return names;
}

} // namespace

NamedType named_type(llvm::StringRef name) {
  static const llvm::StringMap<NamedType> names = index_names();
  auto found = names.find(name);
  if (found != names.end())
    return found->second;
  // A library's copy of the API keeps the endings: PyArrayObject, PyDateTime_CAPI is none.
  if (name.starts_with("Py") && name.ends_with("Object") && !name.contains("::"))
    return NamedType::object;
  return NamedType::unknown;
}

bool is_python_api_record(llvm::StringRef name) { return llvm::is_contained(python_api_records, name); }

} // namespace ringfence
