#include "extract/parse/diagnostics.h"

#include <clang/AST/Decl.h>
#include <clang/AST/Type.h>
#include <clang/Sema/SemaDiagnostic.h>
#include <llvm/ADT/SmallString.h>

#include "extract/parse/python_names.h"

namespace ringfence {
namespace {

using Engine = clang::DiagnosticsEngine;

std::string name_in(const clang::Diagnostic &info, unsigned argument) {
  switch (info.getArgKind(argument)) {
  case Engine::ak_identifierinfo:
    return info.getArgIdentifier(argument)->getName().str();
  case Engine::ak_declarationname:
    return clang::DeclarationName::getFromOpaqueInteger(info.getRawArg(argument)).getAsString();
  case Engine::ak_std_string:
    return info.getArgStdStr(argument);
  default:
    return {};
  }
}

clang::SourceLocation record_without_member(const clang::Diagnostic &info) {
  const bool lacks =
      info.getID() == clang::diag::err_no_member || info.getID() == clang::diag::err_field_designator_unknown;
  if (!lacks || info.getNumArgs() < 2)
    return {};
  if (info.getArgKind(1) == Engine::ak_declcontext)
    if (const auto *record = llvm::dyn_cast<clang::TagDecl>(reinterpret_cast<clang::DeclContext *>(info.getRawArg(1))))
      return record->getLocation();
  if (info.getArgKind(1) == Engine::ak_qualtype)
    if (const auto *record =
            clang::QualType::getFromOpaquePtr(reinterpret_cast<void *>(info.getRawArg(1)))->getAsTagDecl())
      return record->getLocation();
  return {};
}

} // namespace

void DiagnosticCollector::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic &info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level >= Engine::Error || info.getID() == clang::diag::ext_implicit_function_decl_c99) {
    for (unsigned i = 0; i < info.getNumArgs(); ++i)
      if (std::string name = name_in(info, i); is_python_name(name))
        undeclared_.insert(std::move(name));
      else if (info.getID() == clang::diag::err_undeclared_var_use && i == 0)
        unknown_.insert(std::move(name));
  }
  if (level < clang::DiagnosticsEngine::Error || entries_.size() >= max_diagnostics)
    return;
  llvm::SmallString<128> message;
  info.FormatDiagnostic(message);
  Severity severity = level == clang::DiagnosticsEngine::Fatal ? Severity::fatal : Severity::error;
  clang::FullSourceLoc location;
  if (info.hasSourceManager())
    location = clang::FullSourceLoc(info.getLocation(), info.getSourceManager());
  entries_.push_back({severity, std::string(message), location, record_without_member(info)});
}

} // namespace ringfence
