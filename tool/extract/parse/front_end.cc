#include "extract/parse/front_end.h"

#include <algorithm>

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/LexDiagnostic.h>
#include <clang/Sema/SemaDiagnostic.h>

#include "source/normalise.h"

namespace ringfence {

TuFacts empty_facts(const CompileUnit &unit) {
  TuFacts facts;
  facts.unit = unit.id;
  facts.config = unit.config;
  facts.origin = unit.origin;
  facts.common_symbols = std::find(unit.arguments.begin(), unit.arguments.end(), "-fcommon") != unit.arguments.end();
  for (const std::string &word : unit.arguments)
    if (word.starts_with(unread_option)) {
      facts.status = UnitStatus::partial;
      facts.diagnostics.push_back(
          {Severity::error, "its command has " + word.substr(unread_option.size()) + ", which is not followed", {}});
    }
  return facts;
}

TuFacts failed_facts(const CompileUnit &unit, const std::string &reason) {
  TuFacts facts = empty_facts(unit);
  facts.status = UnitStatus::failed;
  facts.diagnostics.push_back({Severity::fatal, reason, {}});
  return facts;
}

void run_front_end(std::shared_ptr<clang::CompilerInvocation> invocation,
                   llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, DiagnosticCollector &diagnostics,
                   clang::FrontendAction &action, bool count_lost_qualifiers) {
  const bool leave_memory = invocation->getFrontendOpts().DisableFree;
  auto owner = std::make_unique<clang::CompilerInstance>();
  clang::CompilerInstance &compiler = *owner;
  compiler.setInvocation(std::move(invocation));
  compiler.createDiagnostics(&diagnostics, /*ShouldOwnClient=*/false);
  clang::DiagnosticsEngine &engine = compiler.getDiagnostics();
  // A missing header is one error among others: the rest of the unit is read all the same.
  engine.setSeverity(clang::diag::err_pp_file_not_found, clang::diag::Severity::Error, {});
  // No error in C, but the collector wants to know.
  engine.setSeverity(clang::diag::ext_implicit_function_decl_c99, clang::diag::Severity::Remark, {});
  if (count_lost_qualifiers) {
    engine.setIgnoreAllWarnings(false);
    for (const char *group : {"incompatible-pointer-types-discards-qualifiers", "incompatible-pointer-types"})
      engine.setSeverityForGroup(clang::diag::Flavor::WarningOrError, group, clang::diag::Severity::Error);
  }
  compiler.createFileManager(std::move(files));
  compiler.createSourceManager(compiler.getFileManager());
  compiler.ExecuteAction(action);
  if (leave_memory)
    (void)owner.release();
}

} // namespace ringfence
