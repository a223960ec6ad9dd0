// The front end's action: parse, then run the passes over what was parsed.
#pragma once

#include <memory>

#include <clang/Frontend/FrontendAction.h>

#include "extract/extract.h"

namespace ringfence {

std::unique_ptr<clang::FrontendAction> make_fact_action(const ProjectPaths &paths, const std::string &directory,
                                                        TuFacts &facts);

} // namespace ringfence
