#include "extract/shared/shared_parse.h"

#include <algorithm>
#include <optional>
#include <random>

#include <unistd.h>

#include "base/hash.h"
#include "base/path.h"
#include "base/process_limits.h"
#include "extract/extract.h"
#include "extract/fact_action.h"
#include "extract/parse/front_end.h"
#include "extract/parse/invocation.h"
#include "extract/parse/python_files.h"
#include "extract/parse/recording_files.h"
#include "extract/parse/regular_files.h"
#include "extract/parse/shared_parse_state.h"
#include "extract/parse/windows.h"
#include "extract/shared/main_file_dependence.h"
#include "extract/shared/mid_parse_options.h"
#include "extract/shared/synthetic_files.h"

namespace ringfence {
namespace {

// Random, so that no scanned tree can contain a file of this name.
std::string unforeseen_name() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 4; ++i)
    bytes += std::to_string(random()) + ".";
  return "ringfence-" + hash_hex(bytes);
}

std::string include_of(const std::string &path) { return "#include \"" + path + "\"\n"; }

// Of a node's directives: where the synthetic file must lie for its quoted names to be found as from the units.
std::string folder_of(const PrefixNode &node, const std::string &otherwise) {
  for (const SharedDirective &directive : node.directives)
    if (!directive.folder.empty())
      return directive.folder;
  return otherwise;
}

// Those at and below the node whose plain parse does all that the shared one does until they part.
void add_surely_below(const PrefixNode &node, std::vector<std::size_t> &units) {
  units.insert(units.end(), node.units.begin(), node.units.end());
  for (const PrefixNode &child : node.children)
    if (child.options.empty())
      add_surely_below(child, units);
}

std::vector<std::size_t> surely_below(const PrefixNode &node) {
  std::vector<std::size_t> units;
  add_surely_below(node, units);
  return units;
}

class SharedParse {
public:
  SharedParse(const std::vector<CompileUnit> &units, const ProjectPaths &paths, ProcessTree &processes,
              const SharedUse &use)
      : units_(units), paths_(paths), processes_(processes), use_(use) {
    shared_.synthetic_prefix = unforeseen_name();
    synthetic_folder_ = "/" + shared_.synthetic_prefix;
    shared_.on_begin = [this](clang::CompilerInstance &compiler, FileTable &files) {
      detect_main_file_dependence(compiler.getPreprocessor(), files, shared_.same_as_plain);
      mid_parse_options_.emplace(compiler, files);
    };
  }

  void run(const PrefixNode &root, const Intrinsics &intrinsics, bool want_dependencies) {
    use_.begin(surely_below(root));
    const CompileUnit &any = units_[representative_unit(root)];
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> disk = regular_files(paths_);
    if (want_dependencies)
      disk = recording(std::move(disk), dependencies_);
    if (is_for_windows(any))
      disk = windows_files(std::move(disk), any);
    disk = with_python_names(std::move(disk), paths_);
    files_ = llvm::makeIntrusiveRefCnt<SyntheticFiles>(std::move(disk), synthetic_folder_);
    for (const auto &[path, header] : intrinsics)
      show(path, header);
    if (files_->setCurrentWorkingDirectory(any.directory))
      return;
    DiagnosticCollector diagnostics;
    diagnostics_ = &diagnostics;
    std::shared_ptr<clang::CompilerInvocation> invocation = make_invocation(any, files_, diagnostics);
    if (!invocation || invocation->getFrontendOpts().Inputs.size() != 1)
      return;
    clang::FrontendOptions &options = invocation->getFrontendOpts();
    options.Inputs = {clang::FrontendInputFile(enter(root), options.Inputs.front().getKind())};
    options.DisableFree = true; // the process ends
    const std::unique_ptr<clang::FrontendAction> action = make_fact_action(paths_, any.directory, facts_, &shared_);
    run_front_end(std::move(invocation), files_, diagnostics, *action);
    if (shared_.reached_own_text && misses_a_function())
      use_.on_reread(unit_, WhyReread::cut_intrinsics);
    else if (shared_.reached_own_text && shared_.same_as_plain)
      use_facts(want_dependencies);
  }

private:
  // With errors in the unit's own text, the parse is the first of several.
  void use_facts(bool want_dependencies) {
    if (diagnostics_->getNumErrors() > 0)
      facts_.status = UnitStatus::partial;
    if (diagnostics_->getNumErrors() > 0 || !diagnostics_->undeclared().empty())
      facts_ = extract_after(
          {std::move(facts_), diagnostics_->getNumErrors(), diagnostics_->undeclared(), diagnostics_->unknown()},
          units_[unit_], paths_, want_dependencies ? &dependencies_ : nullptr);
    use_.facts(unit_, std::move(facts_), std::move(dependencies_));
  }

  void show(const std::string &path, const IntrinsicsHeader &header) {
    files_->edit(path, [this, &header](std::string text) {
      if (text.size() != header.text.size()) // it was changed just now
        return text;
      shown_.push_back(&header);
      return header.text;
    });
  }

  // Whether the parse has met the name of a function that it was not shown.
  bool misses_a_function() const {
    return std::any_of(shown_.begin(), shown_.end(), [&](const IntrinsicsHeader *header) {
      return std::any_of(header->names.begin(), header->names.end(),
                         [&](const std::string &name) { return mid_parse_options_->has_met(name); });
    });
  }

  [[noreturn]] void refuse(const PrefixNode &node, WhyReread why) {
    for (const std::size_t unit : units_below(node))
      use_.on_reread(unit, why);
    _exit(0);
  }

  std::string next_name() { return shared_.synthetic_prefix + "-" + std::to_string(synthetic_files_++); }

  // Makes the synthetic file of a node and gives its path.
  std::string enter(const PrefixNode &node) {
    std::string text = definitions_of(node.options);
    for (const SharedDirective &directive : node.directives)
      text += directive.text;
    taken_.insert(taken_.end(), node.directives.begin(), node.directives.end());
    const std::string next = synthetic_folder_ + "/" + next_name();
    const std::string path = folder_of(node, synthetic_folder_) + "/" + next_name();
    files_->add(path, text + include_of(next));
    files_->add_later(next, [this, &node, next] { files_->add(next, include_of(choose(node))); });
    return path;
  }

  // Forks; in each process, the path of what comes after the node's synthetic file.
  std::string choose(const PrefixNode &node) {
    if (misses_a_function())
      refuse(node, WhyReread::cut_intrinsics);
    if (!shared_.same_as_plain || diagnostics_->getNumErrors() > 0)
      _exit(0);
    stop_process_clock();
    const std::size_t chosen = processes_.branch(node.children.size() + node.units.size());
    if (chosen < node.children.size()) {
      use_.begin(surely_below(node.children[chosen]));
      if (!join(node.children[chosen]))
        refuse(node.children[chosen], WhyReread::mid_parse_options);
      return enter(node.children[chosen]);
    }
    unit_ = node.units[chosen - node.children.size()];
    use_.begin({unit_});
    std::vector<FileFact> files = std::move(facts_.files); // of what was parsed until now
    facts_ = empty_facts(units_[unit_]);
    facts_.files = std::move(files);
    shared_.file = units_[unit_].file;
    files_->edit(shared_.file, [this](std::string text) { return rest_of(std::move(text)); });
    return shared_.file;
  }

  // Whether the parse can be that of the node's units.
  bool join(const PrefixNode &node) {
    if (node.options.empty())
      return true;
    const auto own = make_invocation(units_[representative_unit(node)], files_, *diagnostics_);
    return own && mid_parse_options_->add(node.options, *own);
  }

  // The unit's text without what has been parsed.
  std::string rest_of(std::string text) {
    const CompileUnit &unit = units_[unit_];
    const std::vector<LeadingDirective> own = directives_of(unit, text);
    const DiskFileSystem disk;
    for (std::size_t i = 0; i < taken_.size() && shared_.same_as_plain; ++i)
      shared_.same_as_plain = i < own.size() && shared(own[i], unit, disk) == taken_[i]; // else the file changed
    if (!shared_.same_as_plain)
      return text;
    for (std::size_t i = 0; i < taken_.size(); ++i)
      for (const std::string &name : own[i].quoted)
        if (taken_[i].folder.empty() && !name.starts_with('/'))
          dependencies_.emplace(parent_folder(unit.file) + "/" + name, path_absent);
    shared_.text = std::move(text);
    return without_directives(shared_.text, own, taken_.size());
  }

  const std::vector<CompileUnit> &units_;
  const ProjectPaths &paths_;
  ProcessTree &processes_;
  const SharedUse &use_;
  Dependencies dependencies_;
  llvm::IntrusiveRefCntPtr<SyntheticFiles> files_;
  DiagnosticCollector *diagnostics_ = nullptr;
  std::vector<const IntrinsicsHeader *> shown_; // that were read
  TuFacts facts_;
  SharedParseState shared_;
  std::optional<MidParseOptions> mid_parse_options_; // of the parse; set when it begins
  std::string synthetic_folder_;
  unsigned synthetic_files_ = 0;
  std::vector<SharedDirective> taken_; // that were parsed
  std::size_t unit_ = 0;
};

} // namespace

void read_tree(const PrefixNode &tree, const std::vector<CompileUnit> &units, const ProjectPaths &paths,
               const Intrinsics &intrinsics, ProcessTree &processes, bool want_dependencies, const SharedUse &use) {
  SharedParse(units, paths, processes, use).run(tree, intrinsics, want_dependencies);
}

} // namespace ringfence
