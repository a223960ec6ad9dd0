// Bytes of a file: what a rewriter needs and facts do not keep.
#pragma once

#include <string>

namespace ringfence {

// Bytes of a file of the project, from 0; `end` is the first behind it.
struct Span {
  std::string file; // absolute path; empty: no text of the project
  unsigned begin = 0, end = 0;

  bool contains(const Span &other) const { return begin <= other.begin && other.end <= end; }
  auto operator<=>(const Span &) const = default;
};

} // namespace ringfence
