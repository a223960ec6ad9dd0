// One compile unit in, its facts out. The only part of ringfence that uses Clang; its headers name no Clang type.
#pragma once

#include <string>

#include "facts/facts.h"
#include "source/compile_unit.h"

namespace ringfence {

// Where project code lies, so that facts name files without absolute paths.
struct ProjectPaths {
  std::string root;  // absolute, symlinks resolved
  std::string build; // absolute folder of generated sources; empty where there is none or it lies inside the root
};

// Parses the unit and reads its facts. Never throws and never fails: a unit that cannot be read yields facts with the
// status `failed` and the reason as a diagnostic. Safe to call from several threads at once.
TuFacts extract(const CompileUnit &unit, const ProjectPaths &paths);

// "19.1.7": the Clang that this program was built with.
std::string clang_version();

} // namespace ringfence
