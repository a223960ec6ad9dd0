// Enters every object that project code declares, in the order of the source, and what annotations allow.
#pragma once

#include "extract/declarations/registry.h"

namespace ringfence {

// `roots` may lack what declares_no_object().
void read_objects(Registry &registry, const Roots &roots);
// Whether it is a declaration of C in which read_objects finds nothing. Can be asked as soon as it is parsed, so that a
// shared parse asks it once.
bool declares_no_object(const clang::Decl &decl);

} // namespace ringfence
