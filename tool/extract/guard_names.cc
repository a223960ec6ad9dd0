#include "extract/guard_names.h"

#include <algorithm>
#include <iterator>

#include <llvm/ADT/StringSwitch.h>

namespace ringfence {

namespace {

using Kind = LockEffect::Kind;
constexpr unsigned no_argument = LockEffect::no_argument;

struct LockName {
  std::string_view name;
  LockEffect effect;
};

constexpr LockEffect acquire(Guard::Kind guard, std::string_view family, unsigned lock = 0) {
  return {Kind::acquire, guard, family, lock, 0};
}
constexpr LockEffect release(std::string_view family, unsigned lock = 0) {
  return {Kind::release, Guard::Kind::mutex, family, lock, 0};
}
constexpr LockEffect call_once(unsigned callback) { return {Kind::once, Guard::Kind::once, "once", 0, callback}; }

using enum Guard::Kind;

// CPython: Include/cpython/lock.h, Include/internal/pycore_lock.h, Include/pythread.h, Include/pystate.h,
// Include/cpython/critical_section.h. POSIX: pthread.h. C11: threads.h. Windows: synchapi.h. Tcl: tclDecls.h. Libraries
// that extensions vendor or link: libuv's uv.h, GLib's gthread.h, SQLite's sqlite3.h, OpenSSL's crypto.h.
constexpr LockName lock_functions[] = {
    {"PyMutex_Lock", acquire(mutex, "PyMutex")},
    {"_PyMutex_Lock", acquire(mutex, "PyMutex")},
    {"PyMutex_LockFlags", acquire(mutex, "PyMutex")},
    {"_PyMutex_LockTimed", acquire(mutex, "PyMutex")},
    {"PyMutex_Unlock", release("PyMutex")},
    {"_PyMutex_Unlock", release("PyMutex")},
    {"_PyRawMutex_Lock", acquire(mutex, "RawMutex")},
    {"_PyRawMutex_Unlock", release("RawMutex")},
    {"_PyRecursiveMutex_Lock", acquire(mutex, "RecursiveMutex")},
    {"_PyRecursiveMutex_Unlock", release("RecursiveMutex")},
    {"_PyRWMutex_RLock", acquire(other, "RWMutex")}, // shared: it excludes writers only
    {"_PyRWMutex_RUnlock", release("RWMutex")},
    {"_PyRWMutex_Lock", acquire(mutex, "RWMutex")},
    {"_PyRWMutex_Unlock", release("RWMutex")},
    {"_PySeqLock_LockWrite", acquire(spin, "SeqLock")},
    {"_PySeqLock_UnlockWrite", release("SeqLock")},
    {"_PySeqLock_AbandonWrite", release("SeqLock")},
    {"PyThread_acquire_lock", acquire(mutex, "PyThread")},
    {"PyThread_acquire_lock_timed", acquire(mutex, "PyThread")},
    {"PyThread_release_lock", release("PyThread")},
    {"PyCriticalSection_Begin", acquire(critical_section, "CriticalSection")},
    {"_PyCriticalSection_Begin", acquire(critical_section, "CriticalSection")},
    {"PyCriticalSection2_Begin", acquire(critical_section, "CriticalSection")},
    {"_PyCriticalSection2_Begin", acquire(critical_section, "CriticalSection")},
    {"PyCriticalSection_End", release("CriticalSection")},
    {"_PyCriticalSection_End", release("CriticalSection")},
    {"PyCriticalSection2_End", release("CriticalSection")},
    {"_PyCriticalSection2_End", release("CriticalSection")},
    {"PyGILState_Ensure", acquire(gil, "PyGILState", no_argument)},
    {"PyGILState_Release", release("PyGILState", no_argument)},
    {"pthread_mutex_lock", acquire(mutex, "pthread_mutex")},
    {"pthread_mutex_timedlock", acquire(mutex, "pthread_mutex")},
    {"pthread_mutex_trylock", acquire(mutex, "pthread_mutex")},
    {"pthread_mutex_unlock", release("pthread_mutex")},
    {"pthread_rwlock_wrlock", acquire(mutex, "pthread_rwlock")},
    {"pthread_rwlock_rdlock", acquire(other, "pthread_rwlock")},
    {"pthread_rwlock_unlock", release("pthread_rwlock")},
    {"pthread_spin_lock", acquire(spin, "pthread_spin")},
    {"pthread_spin_unlock", release("pthread_spin")},
    {"mtx_lock", acquire(mutex, "mtx")},
    {"mtx_timedlock", acquire(mutex, "mtx")},
    {"mtx_trylock", acquire(mutex, "mtx")},
    {"mtx_unlock", release("mtx")},
    {"EnterCriticalSection", acquire(mutex, "CRITICAL_SECTION")},
    {"LeaveCriticalSection", release("CRITICAL_SECTION")},
    {"AcquireSRWLockExclusive", acquire(mutex, "SRWLOCK")},
    {"ReleaseSRWLockExclusive", release("SRWLOCK")},
    {"Tcl_MutexLock", acquire(mutex, "Tcl_Mutex")},
    {"Tcl_MutexUnlock", release("Tcl_Mutex")},
    {"uv_mutex_lock", acquire(mutex, "uv_mutex")},
    {"uv_mutex_trylock", acquire(mutex, "uv_mutex")},
    {"uv_mutex_unlock", release("uv_mutex")},
    {"uv_rwlock_wrlock", acquire(mutex, "uv_rwlock")},
    {"uv_rwlock_rdlock", acquire(other, "uv_rwlock")},
    {"uv_rwlock_wrunlock", release("uv_rwlock")},
    {"uv_rwlock_rdunlock", release("uv_rwlock")},
    {"g_mutex_lock", acquire(mutex, "GMutex")},
    {"g_mutex_trylock", acquire(mutex, "GMutex")},
    {"g_mutex_unlock", release("GMutex")},
    {"g_rec_mutex_lock", acquire(mutex, "GRecMutex")},
    {"g_rec_mutex_unlock", release("GRecMutex")},
    {"sqlite3_mutex_enter", acquire(mutex, "sqlite3_mutex")},
    {"sqlite3_mutex_leave", release("sqlite3_mutex")},
    {"CRYPTO_THREAD_write_lock", acquire(mutex, "CRYPTO_RWLOCK")},
    {"CRYPTO_THREAD_read_lock", acquire(other, "CRYPTO_RWLOCK")},
    {"CRYPTO_THREAD_unlock", release("CRYPTO_RWLOCK")},
    {"uv_once", call_once(1)},
    {"CRYPTO_THREAD_run_once", call_once(1)},
    {"_PyOnceFlag_CallOnce", call_once(1)},
    {"pthread_once", call_once(1)},
    {"call_once", call_once(1)}, // of C11, std and absl alike
};

// [thread.mutex], [thread.lock]
constexpr std::string_view lock_classes[] = {
    "mutex",        "recursive_mutex",    "timed_mutex", "recursive_timed_mutex",
    "shared_mutex", "shared_timed_mutex", "unique_lock", "shared_lock",
};

struct ScopedName {
  std::string_view name; // qualified
  Guard::Kind guard;
};

// [thread.lock]; the documentation of pybind11 (gil.h, critical_section.h), nanobind (nb_misc.h), Boost.Thread, Abseil
constexpr ScopedName scoped_locks[] = {
    {"std::lock_guard", mutex},
    {"std::unique_lock", mutex},
    {"std::scoped_lock", mutex},
    {"std::shared_lock", other},
    {"boost::lock_guard", mutex},
    {"boost::unique_lock", mutex},
    {"absl::MutexLock", mutex},
    {"absl::lts::MutexLock", mutex},
    {"pybind11::gil_scoped_acquire", gil},
    {"pybind11::scoped_critical_section", critical_section},
    {"nanobind::gil_scoped_acquire", gil},
    {"nanobind::ft_lock_guard", mutex},
    {"nanobind::ft_object_guard", critical_section},
    {"nanobind::ft_object2_guard", critical_section},
};

std::optional<LockEffect> method_effect(const clang::CXXMethodDecl &method) {
  const clang::CXXRecordDecl *record = method.getParent();
  bool locks = record->isInStdNamespace() && record->getIdentifier() &&
               std::find(std::begin(lock_classes), std::end(lock_classes), std::string_view(record->getName())) !=
                   std::end(lock_classes);
  if (!locks)
    return std::nullopt;
  return llvm::StringSwitch<std::optional<LockEffect>>(method.getName())
      .Cases("lock", "try_lock", "try_lock_for", "try_lock_until", acquire(mutex, "std::mutex"))
      .Cases("lock_shared", "try_lock_shared", acquire(other, "std::mutex"))
      .Cases("unlock", "unlock_shared", release("std::mutex"))
      .Default(std::nullopt);
}

} // namespace

std::optional<LockEffect> lock_effect(const clang::FunctionDecl &function) {
  if (!function.getIdentifier())
    return std::nullopt;
  if (const auto *method = llvm::dyn_cast<clang::CXXMethodDecl>(&function))
    return method_effect(*method);
  std::string_view name = function.getName();
  for (const LockName &row : lock_functions)
    if (row.name == name)
      return row.effect;
  return std::nullopt;
}

std::optional<Guard::Kind> scoped_lock(const clang::CXXRecordDecl &record) {
  if (!record.getIdentifier())
    return std::nullopt;
  for (const ScopedName &row : scoped_locks)
    if (row.name.ends_with(std::string_view(record.getName())) && row.name == record.getQualifiedNameAsString())
      return row.guard;
  return std::nullopt;
}

bool opens_critical_section(std::string_view macro) {
  return macro.starts_with("Py_BEGIN_CRITICAL_SECTION") || macro.starts_with("_Py_BEGIN_CRITICAL_SECTION");
}

} // namespace ringfence
