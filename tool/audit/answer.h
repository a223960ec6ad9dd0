// What becomes of a module in each profile, by what its file says: no code was run, and its statics were not judged.
#pragma once

#include <string>
#include <vector>

#include "audit/module_definitions.h"
#include "report/report.h"

namespace ringfence {

// Best first.
enum class Outcome {
  loads,       // it says that it supports this profile, or needs to say nothing
  at_own_risk, // it loads, though nothing says that it is made for it
  other_build, // the file is for builds with a GIL; a build without one imports another
  gil_on,      // it switches the GIL on for the whole process (3.13 and later, free-threaded builds)
  not_read,    // the file does not say
  refused      // ImportError
};

struct Answer {
  Outcome outcome;
  std::string reason; // a clause: "single-phase init: ..."
};

// `abi` as in AuditedLibrary.
Answer answer(const BinaryModule &module, std::string_view abi, Profile profile);
// Whether files of this ABI are for builds with a GIL alone: "cp313", "abi3".
bool needs_a_gil_build(std::string_view abi);

std::string_view to_string(Outcome outcome);
std::string_view to_string(BinaryInit kind);
std::string_view to_string(Claim claim);

} // namespace ringfence
