// `ringfence migrate`: moves statics to per-interpreter state.
#include <iostream>
#include <set>

#include "base/file_system.h"
#include "base/path.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/prove.h"
#include "cli/render.h"
#include "rewrite/build_lists.h"
#include "rewrite/commit.h"
#include "rewrite/edited_files.h"
#include "rewrite/edits.h"
#include "rewrite/proof.h"
#include "rewrite/replacements.h"
#include "rewrite/runtime_files.h"
#include "rewrite/stage.h"
#include "rewrite/tasks.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

using StageName = MigrateOptions::Stage;

constexpr std::string_view header_name = "ringfence.h", source_name = "ringfence.c";

std::set<std::string> messages_of(const TuFacts &facts) {
  std::set<std::string> messages;
  for (const Diagnostic &diagnostic : facts.diagnostics)
    messages.insert(diagnostic.message);
  return messages;
}

// An error in the text after, with the line of the text before that its line comes from: the nearest of the same text.
Complaint complaint_of(const Diagnostic &diagnostic, const std::string &before, const std::string &after) {
  Complaint complaint{diagnostic.message, 0, ""};
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

// The tree with what the stages so far made of it.
class Migration {
public:
  Migration(const MigrateOptions &options, ScanObserver &observer) : options_(options), observer_(observer) {}

  // A type whose pointer cannot follow would be made anew by each interpreter, for all of them: it stays from the start.
  ScanResult<void> run() {
    for (;;) {
      if (auto done = run_stages(); !done)
        return done;
      if (!keep_types_without_pointer())
        return {};
      start_again();
    }
  }

  MigrationPlan plan() const {
    MigrationPlan plan{.path = linked_->path, .stages = results_, .runtime_source = "", .to_build = unbuilt_};
    plan.only_planned = options_.plan || options_.dry_run || !options_.edits.empty();
    std::ranges::copy_if(first_->notes, std::back_inserter(plan.missing),
                         [](const std::string &note) { return note.starts_with("missing header"); });
    if (edited_.contains(runtime_source_path()))
      plan.runtime_source = *path_below(runtime_source_path(), linked_->tree.root);
    return plan;
  }
  const std::vector<std::pair<std::string, EditedFiles>> &after_stages() const { return after_stages_; }
  const EditedFiles &edited() const { return edited_; }
  const LinkedTree &linked() const { return *linked_; }
  const Report &first_report() const { return *first_; }
  std::string runtime_source_path() const { return folder_ + "/" + std::string(source_name); }

  std::string before(const std::string &file) const { return DiskFileSystem().read(file).value_or(""); }

private:
  ScanResult<void> run_stages() {
    switch (options_.stage) {
    case StageName::slots:
      return slots();
    case StageName::multi_phase:
      return stage("multi-phase", multi_phase_stage);
    case StageName::heap_types:
      return heap_types();
    case StageName::module_state:
      return stage("module-state", module_state_stage);
    case StageName::claims:
      return claims();
    case StageName::isolated:
      break;
    }
    return stage("multi-phase", multi_phase_stage)
        .and_then([&] { return heap_types(); })
        .and_then([&] { return module_state(); })
        .and_then([&] { return slots(); });
  }

  ScanResult<void> slots(const std::vector<std::string> &only = {}) {
    return stage(
        "slots", [&](const StageInput &input) { return slots_stage(input, folder_); }, only);
  }

  // Adds to `staying_` the types of this run whose pointers no later stage moved; whether there is one.
  bool keep_types_without_pointer() {
    bool any = false;
    const auto heap = std::ranges::find(results_, "heap-types", &StageResult::name);
    if (heap == results_.end())
      return false;
    for (const Moved &type : heap->plan.moved) {
      const auto is_pointer = [&](const std::string &object) {
        return object == type.object || object == pointer_of(type.object);
      };
      std::string reason = "no stage moves the pointer to it";
      bool moved = false;
      for (auto stage = heap + 1; stage != results_.end(); ++stage) {
        moved |= std::ranges::any_of(stage->plan.moved, is_pointer, &Moved::object);
        if (const auto refused =
                std::ranges::find_if(stage->plan.refused, is_pointer, &Refusal::object); // of edited text
            refused != stage->plan.refused.end())
          reason = "the pointer to it would stay" + refused->reason.substr(refused->reason.find(": "));
      }
      if (!moved)
        any |= staying_.emplace(type.object, std::move(reason)).second;
    }
    return any;
  }

  // From the tree as it is on disk.
  void start_again() {
    edited_.clear();
    linked_.reset();
    results_.clear();
    after_stages_.clear();
    no_module_state_.clear();
    unbuilt_.clear();
    folder_.clear();
  }

  // A heap type's pointer is state as any static is, and worse as a static than the type was.
  ScanResult<void> heap_types() {
    return stage("heap-types", heap_types_stage).and_then([&]() -> ScanResult<void> {
      std::vector<std::string> types;
      for (const Moved &moved : results_.back().plan.moved)
        types.insert(types.end(), {moved.object, pointer_of(moved.object)});
      if (types.empty() || options_.stage == StageName::isolated)
        return {};
      return slots(types);
    });
  }

  // The id of the pointer that other files reach the type by.
  static std::string pointer_of(const std::string &type) { return type + "_pointer"; }

  // A claim stays where the tree with it holds, and is written where a proof of the tree is at hand.
  ScanResult<void> claims() {
    if (auto linked = link(); !linked)
      return linked;
    if (const auto proved = check_claims_proof(); !proved)
      return tl::unexpected(ScanError{proved.error()});
    return stage("claims", claims_stage).and_then([&]() -> ScanResult<void> {
      if (auto linked = link(); !linked)
        return linked;
      StagePlan &plan = results_.back().plan;
      const auto claims = [&](const ReportedModule &module) {
        return std::ranges::find(plan.moved, module.name, &Moved::object) != plan.moved.end();
      };
      std::map<std::string, std::string> against; // by file: its denials are one edit
      for (const ReportedModule &module : report_->modules)
        if (std::string reason = claims(module) ? reason_not_to_hold(module) : ""; !reason.empty())
          against.try_emplace(module.place.file, module.name + ": " + reason);
      for (const ReportedModule &module : report_->modules)
        if (const auto found = against.find(module.place.file); found != against.end() && claims(module)) {
          plan.refused.push_back(
              {module.name, module.place.file + ":" + std::to_string(module.place.line) + ": " + found->second});
          std::erase_if(plan.moved, [&](const Moved &moved) { return moved.object == module.name; });
          edited_.erase(linked_->tree.root + "/" + module.place.file);
        }
      if (edited_.empty())
        after_stages_.clear();
      return {};
    });
  }

  Result<void> check_claims_proof() const {
    if (options_.plan || options_.dry_run)
      return {};
    if (options_.proved.empty())
      return fail("--to claims wants a proof of this tree: --proved FILE, with what `ringfence migrate --prove` wrote; "
                  "--plan and --dry-run show the claims without");
    const DiskFileSystem disk;
    return disk.read(options_.proved).and_then([&](const std::string &text) {
      return check_proof(text, options_.proved, linked_->tree.root, disk);
    });
  }

  // What cannot go to the module's state is for the stage behind it, which says why not to a slot either.
  ScanResult<void> module_state() {
    if (options_.state != MigrateOptions::State::module)
      return {};
    return stage("module-state", module_state_stage).and_then([&]() -> ScanResult<void> {
      for (Refusal &refusal : results_.back().plan.refused)
        no_module_state_[refusal.object] = std::move(refusal.reason);
      results_.back().plan.refused.clear();
      return {};
    });
  }

  ScanResult<void> link() {
    if (linked_ && !changed_)
      return {};
    AnalysisOptions analysis = options_.analysis;
    const DiskFileSystem disk;
    const EditedFileSystem files(disk, edited_);
    if (!edited_.empty())
      analysis.cache.clear();
    ScanResult<LinkedTree> linked =
        edited_.empty() ? link_tree(analysis, disk, observer_) : link_tree(analysis, files, observer_);
    if (!linked)
      return tl::unexpected(linked.error());
    linked_ = std::move(*linked);
    report_ = report_of(*linked_);
    if (!first_)
      first_ = report_;
    if (folder_.empty())
      find_runtime();
    changed_ = false;
    return {};
  }

  // A tree that has the runtime library keeps it where it is.
  void find_runtime() {
    for (const FileFact &file : linked_->program.files)
      if (file.project && file_name(file.path) == header_name)
        folder_ = parent_folder(linked_->tree.root + "/" + file.path);
  }

  template <class Make>
  ScanResult<void> stage(const std::string &name, Make make, const std::vector<std::string> &only = {}) {
    if (auto linked = link(); !linked)
      return linked;
    const DiskFileSystem disk;
    const EditedFileSystem files(disk, edited_);
    const StageInput input{linked_->program,
                           *report_,
                           linked_->rules.tables,
                           linked_->tree,
                           files,
                           only.empty() ? asked_for() : only,
                           options_.modules,
                           options_.analysis.jobs,
                           options_.plan,
                           staying_};
    const std::unique_ptr<Stage> stage = make(input);
    if (folder_.empty() && name == "slots" && !stage->files().empty())
      folder_ = parent_folder(stage->files().front());
    keep_what_compiles(*stage, name == "slots", files);
    add_result(name, stage->plan());
    if (!stage->files().empty()) {
      edited_ = after(*stage, name == "slots", files);
      changed_ = true;
      if (name == "slots")
        add_to_builds(stage->files());
      after_stages_.emplace_back(name, edited_);
    }
    return {};
  }

  // With a type, its pointer.
  std::vector<std::string> asked_for() const {
    std::vector<std::string> asked = options_.only;
    for (const StageResult &stage : results_)
      if (stage.name == "heap-types" && !asked.empty())
        for (const Moved &moved : stage.plan.moved)
          asked.push_back(pointer_of(moved.object));
    return asked;
  }

  // What an earlier stage refused is not refused again.
  void add_result(const std::string &name, StagePlan plan) {
    std::erase_if(plan.refused, [&](const Refusal &refusal) {
      return std::ranges::any_of(results_, [&](const StageResult &earlier) {
        return std::ranges::find(earlier.plan.refused, refusal.object, &Refusal::object) != earlier.plan.refused.end();
      });
    });
    for (Moved &moved : plan.moved) {
      moved.used_by = users_of(linked_->program, moved.object);
      moved.read_in_part = read_in_part(moved);
      if (const auto reason = no_module_state_.find(moved.object); reason != no_module_state_.end())
        moved.note += (moved.note.empty() ? "" : "; ") + std::string("not in module state: ") + reason->second;
    }
    for (Refusal &refusal : plan.refused)
      refusal.used_by = users_of(linked_->program, refusal.object);
    results_.push_back({name, std::move(plan)});
  }

  // The first file of those that have a say, its own and its users', of which only a part was read; empty: none.
  std::string read_in_part(const Moved &moved) const {
    const std::string own = moved.object.substr(0, moved.object.find(':'));
    for (const UnitSummary &unit : linked_->program.units)
      if (unit.status != UnitStatus::complete &&
          (unit.file == own || std::ranges::find(moved.used_by, unit.file) != moved.used_by.end()))
        return unit.file;
    return {};
  }

  void add_to_builds(const std::vector<std::string> &sources) {
    const DiskFileSystem disk;
    for (const std::string &source : sources)
      if (is_unit(source)) // and no header
        if (auto left = list_runtime(source, runtime_source_path(), linked_->tree.root, disk, edited_))
          unbuilt_.push_back(std::move(*left));
  }

  bool is_unit(const std::string &path) const {
    return std::ranges::any_of(
        linked_->tree.units, [&](const CompileUnit &unit) { return absolute_path(unit.file, unit.directory) == path; });
  }

  EditedFiles after(const Stage &stage, bool with_runtime, const FileSystem &files) const {
    EditedFiles edited = edited_;
    for (const std::string &file : stage.files())
      edited[file] = stage.apply(file, files.read(file).value_or(""));
    if (with_runtime && !stage.files().empty()) {
      edited[folder_ + "/" + std::string(header_name)] = runtime_header();
      edited[runtime_source_path()] = runtime_source();
    }
    return edited;
  }

  // Parses all units that change, or all where a header does, and has the stage leave out what new errors are about, until none is left.
  void keep_what_compiles(Stage &stage, bool with_runtime, const FileSystem &files) const {
    const ProjectPaths paths{linked_->tree};
    for (bool changed = true; changed && !stage.files().empty();) {
      changed = false;
      const EditedFiles edited = after(stage, with_runtime, files);
      for (const CompileUnit &unit : linked_->tree.units) {
        const std::string path = absolute_path(unit.file, unit.directory);
        const std::vector<std::string> own = stage.files();
        const bool headers = !std::ranges::all_of(own, [&](const std::string &file) { return is_unit(file); });
        if (!headers && std::find(own.begin(), own.end(), path) == own.end())
          continue;
        const TuFacts facts = extract_edited(unit, paths, edited);
        const std::set<std::string> known =
            facts.diagnostics.empty() ? std::set<std::string>() : messages_of(extract_edited(unit, paths, edited_));
        for (const Diagnostic &diagnostic : facts.diagnostics) {
          if (known.contains(diagnostic.message))
            continue;
          const std::string text = files.read(path).value_or("");
          const auto now = edited.find(path); // what only reads a changed header does not change itself
          stage.reject(path, text, complaint_of(diagnostic, text, now == edited.end() ? text : now->second));
          changed = true;
          break;
        }
      }
    }
  }

  const MigrateOptions &options_;
  ScanObserver &observer_;
  std::string folder_; // of the runtime library's two files, absolute; empty: not known yet
  EditedFiles edited_;
  bool changed_ = false;
  std::optional<LinkedTree> linked_;
  std::optional<Report> report_, first_;
  std::vector<StageResult> results_;
  std::map<std::string, std::string> staying_;                    // types, and why
  std::map<std::string, std::string> no_module_state_;            // what must stay in slots, and why, by object
  std::vector<std::pair<std::string, EditedFiles>> after_stages_; // of those that changed something
  std::vector<ToBuild> unbuilt_;
};

// Without the runtime library's own files.
std::string diff_of(const Migration &migration) {
  std::string diff;
  for (const auto &[file, text] : migration.edited())
    if (!is_any(file_name(file), {header_name, source_name}))
      diff += unified_diff(*path_below(file, migration.linked().tree.root), migration.before(file), text);
  return diff;
}

std::string edits_of(const Migration &migration) {
  std::map<std::string, std::vector<Edit>> edits;
  for (const auto &[file, text] : migration.edited())
    if (const std::string before = migration.before(file); !before.empty() && before != text)
      edits[file] = edits_between(before, text);
  return replacements_yaml(edits);
}

Result<void> write_files(const EditedFiles &files, const std::string &root) {
  for (const auto &[path, text] : files)
    if (const auto editable = check_editable(path, root); !editable)
      return tl::unexpected(editable.error()); // before anything is written
  for (const auto &[path, text] : files)
    if (const auto written = write_output(path, text); !written)
      return tl::unexpected(written.error());
  return {};
}

std::string message_of(const StageResult &stage) {
  std::string message = "ringfence migrate: " + stage.name + "\n\n";
  for (const Moved &moved : stage.plan.moved)
    message += moved.object + " becomes " + moved.becomes + "\n";
  return message;
}

// Each stage by itself, on what the one before left.
Result<void> commit_stages(const Migration &migration) {
  const std::string &root = migration.linked().tree.root;
  if (const auto can = check_commit(root); !can)
    return can;
  EditedFiles last;
  for (const auto &[name, files] : migration.after_stages()) {
    EditedFiles changed;
    std::vector<std::string> paths;
    for (const auto &[path, text] : files)
      if (const auto before = last.find(path); before == last.end() || before->second != text) {
        changed[path] = text;
        paths.push_back(path);
      }
    const MigrationPlan plan = migration.plan();
    const auto stage = std::ranges::find(plan.stages, name, &StageResult::name);
    if (const auto written = write_files(changed, root); !written)
      return written;
    if (const auto done = commit_files(root, paths, message_of(*stage)); !done)
      return done;
    last = files;
  }
  return {};
}

Result<void> write_migration(const Migration &migration, const MigrateOptions &options) {
  if (options.plan || options.dry_run)
    return {};
  if (!options.edits.empty())
    return write_output(options.edits, edits_of(migration));
  return options.commit ? commit_stages(migration) : write_files(migration.edited(), migration.linked().tree.root);
}

std::string told(const MigrationPlan &plan, Format format) {
  switch (format) {
  case Format::json:
    return plan_json(plan);
  case Format::markdown:
    return plan_markdown(plan);
  default:
    return plan_text(plan);
  }
}

} // namespace

int run(const MigrateOptions &options) {
  if (options.proves)
    return prove(options);
  TerminalObserver observer(options.analysis);
  Migration migration(options, observer);
  if (const ScanResult<void> done = migration.run(); !done)
    return report_error(done.error());
  const Report &report = migration.first_report();
  print_notes(report, options.analysis.quiet);
  if (const auto written = write_migration(migration, options); !written)
    return report_error(written.error());
  const MigrationPlan plan = migration.plan();
  const std::string text = told(plan, options.format);
  if (options.dry_run)
    std::cerr << text;
  if (const auto printed = write_output("", options.dry_run ? diff_of(migration) : text); !printed)
    return report_error(printed.error());
  if (report.accounting.incomplete() && !options.allow_incomplete)
    return report_incomplete(report);
  return plan.needs_hands() ? exit_failed : exit_clean;
}

} // namespace ringfence
