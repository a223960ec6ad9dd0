// The front end's action: parse, then run the passes over what was parsed.
#pragma once

#include <memory>

#include <clang/Frontend/FrontendAction.h>

#include "extract/parse/project_paths.h"
#include "extract/parse/shared_parse_state.h"
#include "facts/facts.h"

namespace ringfence {

// `shared`: null where the unit's file is the main file of the parse.
std::unique_ptr<clang::FrontendAction> make_fact_action(const ProjectPaths &paths, const std::string &directory,
                                                        TuFacts &facts, SharedParseState *shared = nullptr);

} // namespace ringfence
