// Facts of a small source text: it is written into a fresh folder, which is the project's root, and extracted from
// there.
#pragma once

#include <map>
#include <string>

#include "extract/extract.h"

namespace ringfence {

struct TestSource {
  std::string file = "a.c"; // the main file; "*.cc" is C++
  std::string text;
  std::map<std::string, std::string>
      others; // further files, by path below the root; "../outside/..." lies outside of it
  std::vector<std::string> arguments;
};

TuFacts extract_source(const TestSource &source);
inline TuFacts extract_c(const std::string &text) { return extract_source({"a.c", text, {}, {}}); }
inline TuFacts extract_cxx(const std::string &text) { return extract_source({"a.cc", text, {}, {"-std=c++20"}}); }

// The object of that id; fails the test where there is none.
const Object &object(const TuFacts &facts, const std::string &id);
const Function &function(const TuFacts &facts, const std::string &name);
bool has_object(const TuFacts &facts, const std::string &id);

} // namespace ringfence
