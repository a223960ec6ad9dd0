// Finds the function bodies and initialisers of project code and has each walked once. Templates are walked as they
// are instantiated; one that is never instantiated as it is written.
#pragma once

#include <vector>

#include "extract/declarations/registry.h"

namespace ringfence {

// Accesses, calls and the functions whose address is taken. Objects must have been read: whether an initialiser is
// dynamic is known from them.
void read_accesses(Registry &registry, const Roots &roots);
// Of the outside functions that the unit compiles: their function-local objects and what they do to them, and what they
// do to the objects that outside headers put into the unit.
void read_outside_functions(Registry &registry, const std::vector<const clang::FunctionDecl *> &functions,
                            const std::vector<clang::VarDecl *> &injected);

} // namespace ringfence
