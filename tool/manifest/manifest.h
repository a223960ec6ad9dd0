// What the runtime library watches: for each shared object the objects of the report that are at risk, with the place
// where each lies in the loaded file. Schema: rules/manifest.schema.json.
#pragma once

#include <string>
#include <vector>

#include "manifest/elf_symbols.h"
#include "report/report.h"

namespace ringfence {

struct ManifestOptions {
  Profile profile = Profile::own_gil; // an object without risk under it is left out
  bool all = false;                   // keep those too: a watch on them puts the verdicts to the test
};

// Objects that no shared object has a symbol for are listed as missing: they were optimised away, belong to another
// file, or the file is stripped. So are objects without risk whose symbol the names do not tell.
std::string manifest_json(const Report &report, const std::vector<SharedObject> &shared_objects,
                          const ManifestOptions &options);

} // namespace ringfence
