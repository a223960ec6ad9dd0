// Names and ids of declarations, the same in every unit that sees them (docs/report.md, facts/facts.h).
#pragma once

#include <string>

#include <clang/AST/ASTContext.h>
#include <clang/AST/Decl.h>

namespace clang {
class ASTNameGenerator;
}

namespace ringfence {

// "ns::Class::name". Anonymous and inline namespaces are left out; a class without a name is "(anonymous)".
std::string qualified_name(const clang::NamedDecl &decl);

// The function in which a declaration stands; blocks and lambdas are passed through to the named function around them.
// A lambda's operator() where there is none, null outside of functions.
const clang::FunctionDecl *enclosing_function(const clang::Decl &decl);

// Bare name: "f", "operator+", "~Class"; "(lambda)" for a lambda's operator().
std::string function_name(const clang::FunctionDecl &function);

// The declaration that all of a template's instantiations come from; the declaration itself where it is of no template.
const clang::VarDecl &pattern_of(const clang::VarDecl &variable);
const clang::FunctionDecl &pattern_of(const clang::FunctionDecl &function);

// True for a template, its members and what stands inside: no symbol can be made of it.
bool is_templated(const clang::Decl &decl);

// Assembler name; empty for a templated declaration. Function-local statics of C have none that lasts: "function.name".
std::string symbol_of(const clang::NamedDecl &decl, clang::ASTNameGenerator &mangler);

// Outermost macro whose expansion makes the token at `location`; empty where none does.
std::string outermost_macro(clang::SourceLocation location, const clang::ASTContext &context);

} // namespace ringfence
