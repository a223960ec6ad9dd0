// `ringfence audit`: what installed modules are and claim.
#include <algorithm>
#include <filesystem>
#include <iostream>

#include "audit/audit.h"
#include "audit/render.h"
#include "audit/sarif.h"
#include "audit/watch.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

std::string render(const Audit &audit, const AuditOptions &options) {
  switch (options.format) {
  case Format::json:
    return audit_json(audit, options.profiles);
  case Format::markdown:
    return audit_markdown(audit, options.profiles);
  case Format::sarif:
    return audit_sarif(audit, options.profiles, tool_version());
  case Format::text:
    break;
  }
  return audit_text(audit, options.profiles);
}

// One for each file; which have none is said on standard error.
Result<void> write_manifests(const Audit &audit, const std::string &folder) {
  const DiskFileSystem files;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail("cannot make " + folder + ": " + error.message());
  for (const AuditedLibrary &library : audit.libraries) {
    if (library.modules.empty() || library.format != "ELF" || library.file.find("!/") != std::string::npos)
      continue;
    const Result<std::string> text = files.read(library.file).and_then([&](std::string bytes) {
      return watch_manifest(library.file, std::move(bytes), tool_version());
    });
    if (!text)
      std::cerr << "ringfence: " << escape_terminal(text.error().message) << "\n";
    else if (const auto written =
                 write_file(folder + "/" + library.import_name(library.modules.front()) + ".json", *text);
             !written)
      return written;
  }
  return {};
}

} // namespace

int run(const AuditOptions &options) {
  if (options.exercise)
    return report_error(
        Error{"--exercise runs modules, which this program does not: python -m ringfence audit --exercise does "
              "(pip install 'ringfence[runtime]')"});
  const Result<Audit> result = audit(DiskFileSystem(), options.paths, options.jobs);
  if (!result)
    return report_error(result.error());
  if (const auto written = write_output(options.output, render(*result, options)); !written)
    return report_error(written.error());
  if (!options.manifests.empty())
    if (const auto written = write_manifests(*result, options.manifests); !written)
      return report_error(written.error());
  if (result->incomplete() && !options.allow_incomplete)
    return exit_incomplete;
  return options.fail_on && any_fares(*result, options.profiles, *options.fail_on) ? exit_failed : exit_clean;
}

} // namespace ringfence
