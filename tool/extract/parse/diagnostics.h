// Errors of one translation unit, kept for its facts instead of being printed.
#pragma once

#include <set>
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
    clang::SourceLocation record;  // that lacks a member; invalid for other errors
  };

  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic &info) override;

  const std::vector<Entry> &entries() const { return entries_; }
  // Names of Python's API (python_names.h) that the unit uses and nothing declares, a C function included.
  const std::set<std::string> &undeclared() const { return undeclared_; }
  // Other names that an expression uses and nothing declares.
  const std::set<std::string> &unknown() const { return unknown_; }

private:
  std::vector<Entry> entries_;
  std::set<std::string> unknown_;
  std::set<std::string> undeclared_;
};

} // namespace ringfence
