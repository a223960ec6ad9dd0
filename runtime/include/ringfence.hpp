// Per-interpreter state for C++17 extensions: a type that is constructed once per interpreter and destroyed with it.
//
//   struct Cache { std::unordered_map<std::string, int> hits; };
//   using cache = rf::state<Cache>;
//   ... cache::get()->hits ...
#pragma once

#include <cstddef>
#include <new>
#include <stdexcept>

#include "ringfence.h"

namespace rf {

// `Tag` tells two states of one type apart. Hidden, so that the statics are no STB_GNU_UNIQUE symbols, which the loader
// would share between copies of the extension.
template <class T, class Tag = T> class __attribute__((visibility("hidden"))) state {
public:
  // The current interpreter's object. nullptr where the constructor threw (a RuntimeError is then set), inside the
  // constructor itself, after the interpreter has ended, and in a thread without a thread state.
  static T *get() { return object(rf_state_get(&slot_)); }
  // As RF_ENTER.
  static int enter() { return rf_state_enter(&slot_); }
  // As RF_CLEAR.
  static void clear() { rf_state_clear(&slot_); }

private:
  // `clear` also runs after a failed init and never twice on a live object.
  struct Storage {
    alignas(T) unsigned char bytes[sizeof(T)];
    bool alive;
  };

  static T *object(void *block) {
    auto *storage = static_cast<Storage *>(block);
    return storage && storage->alive ? std::launder(reinterpret_cast<T *>(storage->bytes)) : nullptr;
  }
  static int construct(void *block) {
#ifdef __cpp_exceptions
    try {
      return make(static_cast<Storage *>(block));
    } catch (const std::exception &error) {
      PyErr_SetString(PyExc_RuntimeError, error.what());
    } catch (...) {
      PyErr_SetString(PyExc_RuntimeError, "the state's constructor threw");
    }
    return -1;
#else
    return make(static_cast<Storage *>(block));
#endif
  }
  static int make(Storage *storage) {
    new (storage->bytes) T();
    storage->alive = true;
    return 0;
  }
  static void destroy(void *block) {
    auto *storage = static_cast<Storage *>(block);
    if (!storage->alive)
      return;
    object(block)->~T();
    storage->alive = false;
  }

  static inline rf_slot slot_ = {"rf::state", sizeof(Storage), alignof(Storage), construct, destroy, nullptr,
                                 0,           nullptr};
};

} // namespace rf
