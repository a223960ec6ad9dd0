#include "extract/extract.h"

#include <clang/Basic/Version.h>

namespace ringfence {

std::string clang_version() { return CLANG_VERSION_STRING; }

} // namespace ringfence
