// What is read of a parsed translation unit, one pass per kind of fact. `roots`: the project's declarations at file and
// namespace scope in the order of the source, headers' included.
#pragma once

#include <vector>

#include <clang/AST/Decl.h>

#include "extract/registry.h"

namespace ringfence {

using Roots = std::vector<clang::Decl *>;

// `roots` may lack what declares_no_object().
void read_objects(Registry &registry, const Roots &roots);
// Whether it is a declaration of C in which read_objects finds nothing. Can be asked as soon as it is parsed, so that a
// shared parse asks it once.
bool declares_no_object(const clang::Decl &decl);
// Of the objects that stand in the registry. Precondition: read_objects has run.
void read_initialisers(Registry &registry);
// Accesses, calls and the functions whose address is taken. Objects must have been read: whether an initialiser is
// dynamic is known from them.
void read_accesses(Registry &registry, const Roots &roots);
// Of the outside functions that the unit compiles: their function-local objects and what they do to them, and what they
// do to the objects that outside headers put into the unit.
void read_outside_functions(Registry &registry, const std::vector<const clang::FunctionDecl *> &functions,
                            const std::vector<clang::VarDecl *> &injected);

// Where `const` can be written, for the objects that stand in the registry. Precondition: read_objects has run.
void read_const_points(Registry &registry);

} // namespace ringfence
