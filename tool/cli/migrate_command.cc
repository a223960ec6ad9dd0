#include "cli/migrate_command.h"

#include <filesystem>
#include <iostream>
#include <set>

#include "base/file_system.h"
#include "base/parallel.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/render.h"
#include "rewrite/edits.h"
#include "rewrite/runtime_files.h"
#include "rewrite/slots.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

constexpr std::string_view header_name = "ringfence.h", source_name = "ringfence.c";

// The tree with its files' own text, and what is to become of them.
struct Work {
  const LinkedTree &linked;
  std::map<std::string, std::string> before; // by absolute path
  std::string folder;                        // of the runtime library's two files, absolute
};

std::vector<UnitUses> read_uses(const LinkedTree &linked, unsigned jobs, ScanObserver &observer) {
  const std::vector<CompileUnit> &units = linked.tree.units;
  std::vector<UnitUses> uses(units.size());
  observer.begin(units.size());
  for_each_parallel(units.size(), jobs, [&](std::size_t i) {
    if (units[i].language == Language::c)
      uses[i] = read_static_uses(units[i], {linked.tree.root, linked.tree.build});
    observer.done(units[i].id);
  });
  observer.end();
  return uses;
}

std::string header_for(const std::string &file, const Work &work) {
  return std::filesystem::path(work.folder + "/" + std::string(header_name))
      .lexically_relative(parent_folder(file))
      .generic_string();
}

EditedFiles edited(const SlotsMigration &migration, const Work &work) {
  EditedFiles files;
  for (const std::string &file : migration.files())
    files[file] = migration.apply(file, work.before.at(file), header_for(file, work));
  files[work.folder + "/" + std::string(header_name)] = runtime_header();
  return files;
}

std::set<std::string> messages_of(const TuFacts &facts) {
  std::set<std::string> messages;
  for (const Diagnostic &diagnostic : facts.diagnostics)
    messages.insert(diagnostic.message);
  return messages;
}

// An error in the text after, with the line of the text before that its line comes from: the nearest of the same text.
SlotsMigration::Complaint complaint_of(const Diagnostic &diagnostic, const std::string &before,
                                       const std::string &after) {
  SlotsMigration::Complaint complaint{diagnostic.message, 0, ""};
  const unsigned line = diagnostic.location.line;
  const auto old_lines = split(before, '\n'), new_lines = split(after, '\n');
  if (line == 0 || line > new_lines.size())
    return complaint;
  complaint.new_line = new_lines[line - 1];
  unsigned nearest = ~0u;
  for (unsigned i = 1; i <= old_lines.size(); ++i)
    if (const unsigned far = i > line ? i - line : line - i; old_lines[i - 1] == complaint.new_line && far < nearest) {
      complaint.line = i;
      nearest = far;
    }
  return complaint;
}

// Parses all units with the edits and leaves where they are the objects that new errors are about, until none is left.
void keep_what_compiles(SlotsMigration &migration, const Work &work) {
  const ProjectPaths paths{work.linked.tree.root, work.linked.tree.build};
  for (bool changed = true; changed && !migration.empty();) {
    changed = false;
    const EditedFiles files = edited(migration, work);
    for (const CompileUnit &unit : work.linked.tree.units) {
      const std::string path = absolute_path(unit.file, unit.directory);
      if (!files.contains(path))
        continue;
      const TuFacts after = extract_edited(unit, paths, files);
      const std::set<std::string> known =
          after.diagnostics.empty() ? std::set<std::string>() : messages_of(extract_edited(unit, paths, {}));
      for (const Diagnostic &diagnostic : after.diagnostics) {
        if (known.contains(diagnostic.message))
          continue;
        migration.reject(path, work.before.at(path), complaint_of(diagnostic, work.before.at(path), files.at(path)));
        changed = true;
        break;
      }
    }
  }
}

std::string plan_text(const SlotsPlan &plan, const Work &work) {
  std::size_t moved = 0;
  std::string text;
  for (const FileMigration &file : plan.files) {
    text += escape_terminal(file.file) + ": slot " + file.slot + "\n";
    for (const MovedObject &object : file.moved) {
      ++moved;
      text += "  " + escape_terminal(object.object) + " becomes RF_GET(" + object.slot + ")->" + object.member +
              (object.released ? ", released when its interpreter ends" : "") + "\n";
      if (!object.note.empty())
        text += "      " + escape_terminal(object.note) + "\n";
    }
  }
  if (!plan.refused.empty())
    text += "stays:\n";
  for (const Refusal &refusal : plan.refused)
    text += "  " + escape_terminal(refusal.object) + "\n      " + escape_terminal(refusal.reason) + "\n";
  text += std::to_string(moved) + " of " + count_of(moved + plan.refused.size(), "object") + " moved\n";
  if (moved > 0) {
    const std::string source = *path_below(work.folder + "/" + std::string(source_name), work.linked.tree.root);
    text += "next:\n  add " + escape_terminal(source) +
            " to the sources of each extension that has one of these files\n"
            "  ringfence scan " +
            escape_terminal(work.linked.path) + " --profile own-gil\n";
  }
  return text;
}

Result<void> write_files(const SlotsMigration &migration, const Work &work) {
  EditedFiles files = edited(migration, work);
  files[work.folder + "/" + std::string(source_name)] = runtime_source();
  for (const auto &[path, text] : files)
    if (const auto editable = check_editable(path, work.linked.tree.root); !editable)
      return tl::unexpected(editable.error()); // before anything is written
  for (const auto &[path, text] : files)
    if (const auto written = write_output(path, text); !written)
      return tl::unexpected(written.error());
  return {};
}

} // namespace

int run_migrate(const MigrateOptions &options) {
  TerminalObserver observer(options.analysis);
  const ScanResult<LinkedTree> linked = link_tree(options.analysis, DiskFileSystem(), observer);
  if (!linked)
    return report_error(linked.error());
  const Report report = report_of(*linked);
  print_notes(report, options.analysis.quiet);
  const std::vector<UnitUses> uses = read_uses(*linked, options.analysis.jobs, observer);
  SlotsMigration migration(linked->program, report, linked->rules.tables, linked->tree.root, uses,
                           {Risk::medium, options.only});
  Work work{*linked, {}, linked->tree.root};
  for (const std::string &file : migration.files()) {
    Result<std::string> text = DiskFileSystem().read(file);
    if (!text)
      return report_error(text.error());
    work.before[file] = std::move(*text);
    work.folder = parent_folder(migration.files().front());
  }
  keep_what_compiles(migration, work);

  const SlotsPlan plan = migration.plan();
  std::string diff;
  if (options.dry_run)
    for (const std::string &file : migration.files())
      diff += unified_diff(*path_below(file, linked->tree.root), work.before.at(file),
                           migration.apply(file, work.before.at(file), header_for(file, work)));
  else if (!options.plan && !migration.empty())
    if (const auto written = write_files(migration, work); !written)
      return report_error(written.error());
  const std::string text = plan_text(plan, work);
  if (options.dry_run)
    std::cerr << text;
  if (const auto printed = write_output("", options.dry_run ? diff : text); !printed)
    return report_error(printed.error());
  if (report.accounting.incomplete() && !options.allow_incomplete)
    return report_incomplete(report);
  return plan.refused.empty() ? exit_clean : exit_failed;
}

} // namespace ringfence
