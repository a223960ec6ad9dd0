// `ringfence audit`: what installed modules are and claim.
#include <algorithm>

#include "audit/audit.h"
#include "audit/render.h"
#include "cli/options.h"
#include "cli/output.h"

namespace ringfence {
namespace {

std::string render(const Audit &audit, const AuditOptions &options) {
  switch (options.format) {
  case Format::json:
    return audit_json(audit, options.profiles);
  case Format::markdown:
    return audit_markdown(audit, options.profiles);
  case Format::text:
    break;
  }
  return audit_text(audit, options.profiles);
}

bool any_blocked(const Audit &audit, const std::vector<Profile> &profiles) {
  return std::ranges::any_of(audit.libraries, [&](const AuditedLibrary &library) {
    return std::ranges::any_of(library.modules,
                               [&](const BinaryModule &module) { return is_blocked(module, profiles); });
  });
}

} // namespace

int run(const AuditOptions &options) {
  const Result<Audit> result = audit(DiskFileSystem(), options.paths, options.jobs);
  if (!result)
    return report_error(result.error());
  if (const auto written = write_output(options.output, render(*result, options)); !written)
    return report_error(written.error());
  if (result->incomplete() && !options.allow_incomplete)
    return exit_incomplete;
  return options.fail_on_blocked && any_blocked(*result, options.profiles) ? exit_failed : exit_clean;
}

} // namespace ringfence
