// Units of trees whose files are not this machine's.
#pragma once

#include "base/file_system.h"
#include "extract/extract.h"

namespace ringfence {

// As extract_edited() where `edited` is not null, else as extract(), reading `files`.
TuFacts extract_given(const CompileUnit &unit, const ProjectPaths &paths, const FileSystem &files,
                      const EditedFiles *edited = nullptr);

} // namespace ringfence
