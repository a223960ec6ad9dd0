// One compile unit in, its facts out. The only part of ringfence that uses Clang; its headers name no Clang type.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "facts/dependencies.h"
#include "facts/facts.h"
#include "knowledge/knowledge.h"
#include "source/compile_unit.h"

namespace ringfence {

// Where project code lies, so that facts name files without absolute paths, and what is known of the names it uses.
struct ProjectPaths {
  std::string root;  // absolute, symlinks resolved
  std::string build; // absolute folder of generated sources; empty where there is none or it lies inside the root
  const Knowledge *knowledge = nullptr; // must outlive what is read; null: of no name
};

// Parses the unit and reads its facts. Never throws and never fails: a unit that cannot be read yields facts with the
// status `failed` and the reason as a diagnostic. Safe to call from several threads at once. `dependencies` (null:
// not recorded) gets every path that was looked for.
TuFacts extract(const CompileUnit &unit, const ProjectPaths &paths, Dependencies *dependencies = nullptr);

// What a unit's parse may take; what takes more is a unit that failed. The public trees' largest units take less than a
// twentieth of these.
struct UnitLimits {
  unsigned seconds = 120;    // of processor time
  unsigned mebibytes = 4096; // of memory
};

// How many units are read.
struct ExtractPlan {
  unsigned jobs = 1;         // at once
  bool shared_parse = true;  // what units begin with alike is parsed once, in processes; the facts are the same
  bool dependencies = false; // they are asked for
  UnitLimits limits = {};
  // From so many units on, shared parses leave out functions of intrinsics; to find these costs as much as a unit.
  std::size_t without_intrinsics_from = 64;
};

// The number of a unit, its facts, and every path that was looked for where dependencies are asked for.
using UseFacts = std::function<void(std::size_t, TuFacts, Dependencies)>;

// As extract() for many units, in processes that are limited; hands the facts over one by one, in no particular order.
// Where the system refuses processes, units are read in this one, without limits. Must be called while no other thread
// runs.
void extract_all(const std::vector<CompileUnit> &units, const ProjectPaths &paths, const ExtractPlan &plan,
                 const UseFacts &use);

// Contents that files shall have instead of their own, by absolute path.
using EditedFiles = std::map<std::string, std::string>;

// As extract(), but reads the edited files and counts a warning about a lost `const` as an error.
TuFacts extract_edited(const CompileUnit &unit, const ProjectPaths &paths, const EditedFiles &edited);

// "19.1.7": the Clang that this program was built with.
std::string clang_version();

// With the build of Clang's library that runs now, as "Debian clang version 19.1.7 (3~deb12u1)".
std::string parser_version();

} // namespace ringfence
