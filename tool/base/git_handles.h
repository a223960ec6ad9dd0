// What libgit2 makes, owned, for the few files that use it.
#pragma once

#include <memory>

#include <git2.h>

namespace ringfence::git {

template <auto release> struct Release {
  template <class T> void operator()(T *pointer) const { release(pointer); }
};
template <class T, auto release> using Handle = std::unique_ptr<T, Release<release>>;
using Repository = Handle<git_repository, git_repository_free>;
using IndexFile = Handle<git_index, git_index_free>;

// Calls a function of the library whose first parameter receives what it makes.
template <class Made, class Function, class... Arguments>
int make(Made &made, Function function, Arguments... arguments) {
  typename Made::pointer pointer = nullptr;
  const int code = function(&pointer, arguments...);
  made.reset(pointer);
  return code;
}

// The library may be used while one of these lives.
struct Library {
  Library() { git_libgit2_init(); }
  ~Library() { git_libgit2_shutdown(); }
  Library(const Library &) = delete;
  Library &operator=(const Library &) = delete;
};

} // namespace ringfence::git
