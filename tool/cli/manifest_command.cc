// `ringfence manifest`: what the runtime library is to watch.
#include "base/file_system.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "manifest/manifest.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

Result<std::vector<SharedObject>> read_all(const std::vector<std::string> &files) {
  const DiskFileSystem disk;
  std::vector<SharedObject> objects;
  for (const std::string &file : files) {
    Result<SharedObject> object =
        disk.read(file).and_then([&](std::string bytes) { return read_shared_object(file, std::move(bytes)); });
    if (!object)
      return tl::unexpected(object.error());
    objects.push_back(std::move(*object));
  }
  return objects;
}

} // namespace

int run(const ManifestCommandOptions &options) {
  const Result<std::vector<SharedObject>> objects = read_all(options.shared_objects); // fails before the long part
  if (!objects)
    return report_error(objects.error());
  TerminalObserver observer(options.analysis);
  const ScanResult<Report> report = analyse(options.analysis, DiskFileSystem(), observer);
  if (!report)
    return report_error(report.error());
  print_notes(*report, options.analysis.quiet);
  const std::string text = manifest_json(*report, *objects, {options.profile, options.all});
  if (const auto written = write_output(options.output, text); !written)
    return report_error(written.error());
  return report->accounting.incomplete() && !options.allow_incomplete ? report_incomplete(*report) : exit_clean;
}

} // namespace ringfence
