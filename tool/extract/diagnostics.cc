#include "extract/diagnostics.h"

#include <llvm/ADT/SmallString.h>

namespace ringfence {

void DiagnosticCollector::HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic &info) {
  DiagnosticConsumer::HandleDiagnostic(level, info);
  if (level < clang::DiagnosticsEngine::Error || entries_.size() >= max_diagnostics)
    return;
  llvm::SmallString<128> message;
  info.FormatDiagnostic(message);
  Severity severity = level == clang::DiagnosticsEngine::Fatal ? Severity::fatal : Severity::error;
  clang::FullSourceLoc location;
  if (info.hasSourceManager())
    location = clang::FullSourceLoc(info.getLocation(), info.getSourceManager());
  entries_.push_back({severity, std::string(message), location});
}

} // namespace ringfence
