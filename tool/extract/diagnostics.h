// Errors of one translation unit, kept for its facts instead of being printed.
#pragma once

#include <string>
#include <vector>

#include <clang/Basic/Diagnostic.h>

#include "facts/facts.h"

namespace ringfence {

// Keeps the first `max_diagnostics` errors; counts all.
class DiagnosticCollector final : public clang::DiagnosticConsumer {
public:
  static constexpr std::size_t max_diagnostics = 50;

  struct Entry {
    Severity severity;
    std::string message;
    clang::FullSourceLoc location; // invalid for the driver's
  };

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic &info) override;

  const std::vector<Entry> &entries() const { return entries_; }

private:
  std::vector<Entry> entries_;
};

} // namespace ringfence
