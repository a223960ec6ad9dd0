// The outcome of an operation that can fail on bad input: a value or an Error, never an exception.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace ringfence {

// What went wrong, where, and what to do about it: one sentence that a person can act on.
struct Error {
  std::string message;

  bool operator==(const Error &) const = default;
};

template <class T> using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string message) { return tl::unexpected<Error>(Error{std::move(message)}); }

} // namespace ringfence
