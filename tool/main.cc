// Parse, run, exit code: a table of contents.

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "capture/capture.h"
#include "cli/audit_command.h"
#include "cli/cache_command.h"
#include "cli/explain_command.h"
#include "cli/extract_command.h"
#include "cli/gate_command.h"
#include "cli/init_command.h"
#include "cli/manifest_command.h"
#include "cli/migrate_command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/rules_command.h"
#include "cli/scan_command.h"

namespace ringfence {
namespace {

int run(const ScanOptions &options) { return run_scan(options); }
int run(const GateOptions &options) { return run_gate(options); }
int run(const BaselineOptions &options) { return run_baseline(options); }
int run(const BaselineListsOptions &options) { return run_baseline_lists(options); }
int run(const DiffOptions &options) { return run_diff(options); }
int run(const ExplainOptions &options) { return run_explain(options); }
int run(const CaptureOptions &options) { return capture(options); }
int run(const RulesOptions &options) { return run_rules(options); }
int run(const ManifestCommandOptions &options) { return run_manifest(options); }
int run(const AuditOptions &options) { return run_audit(options); }
int run(const MigrateOptions &options) { return run_migrate(options); }
int run(const InitOptions &options) { return run_init(options); }
int run(const CacheOptions &options) { return run_cache(options); }
int run(const ExtractOptions &options) { return run_extract(options); }

int run(int argc, char **argv) {
  const auto parsed = parse_options(argc, argv);
  if (const int *code = std::get_if<int>(&parsed))
    return *code;
  return std::visit([](const auto &options) { return run(options); }, std::get<Options>(parsed));
}

// What is printed may be help, and standard output a full disk.
int run_and_flush(int argc, char **argv) {
  const int code = run(argc, argv);
  if (code == exit_clean && !std::cout.flush())
    return report_error(Error{"cannot write standard output"});
  return code;
}

} // namespace
} // namespace ringfence

int main(int argc, char **argv) try {
  if (ringfence::is_shim_invocation())
    return ringfence::run_shim(argc, argv);
  std::signal(SIGPIPE, SIG_IGN); // a closed pipe is a write error with a message
  return ringfence::run_and_flush(argc, argv);
} catch (const std::bad_alloc &) {
  std::fputs("ringfence: out of memory\n", stderr);
  return ringfence::exit_usage;
} catch (const std::exception &error) {
  std::fprintf(stderr, "ringfence: internal error: %s\n", error.what());
  return ringfence::exit_usage;
}
