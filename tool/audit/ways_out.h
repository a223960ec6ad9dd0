// What someone can do who only has the file.
#pragma once

#include <string>

#include "audit/audit.h"

namespace ringfence {

// A sentence without its full stop; empty where nothing needs doing.
std::string way_out(Outcome outcome, Profile profile);

// Another version of the package among what was audited whose module of the same name fares better there: "numpy 2.4.0
// (dist/numpy-2.4.0-...whl)", the newest; empty where none is.
std::string better_release(const Audit &audit, const AuditedLibrary &library, const BinaryModule &module,
                           Profile profile);

} // namespace ringfence
