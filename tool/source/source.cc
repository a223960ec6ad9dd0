#include "source/source.h"

#include <algorithm>
#include <set>

#include "base/glob.h"
#include "base/path.h"
#include "base/text.h"
#include "source/database.h"
#include "source/infer.h"
#include "source/normalise.h"
#include "source/python.h"
#include "source/tree.h"
#include "source/units.h"

namespace ringfence {
namespace {

constexpr std::size_t listed_at_most = 5; // names in one note

std::string list_some(const std::vector<std::string> &names) {
  std::vector<std::string> first(names.begin(), names.begin() + std::min(names.size(), listed_at_most));
  if (names.size() > listed_at_most)
    first.push_back("...");
  return join(first, ", ");
}

class Loader {
public:
  Loader(const SourceOptions &options, const FileSystem &files) : options_(options), files_(files) {}

  Result<SourceTree> load() {
    for (const auto step :
         {&Loader::find_root, &Loader::read_configurations, &Loader::read_extra_arguments, &Loader::walk,
          &Loader::find_units, &Loader::add_extra_arguments, &Loader::add_configurations, &Loader::set_others_apart})
      if (auto error = (this->*step)(); !error)
        return tl::unexpected(error.error());
    const auto by_id = [](const CompileUnit &a, const CompileUnit &b) { return a.id < b.id; };
    std::sort(tree_.units.begin(), tree_.units.end(), by_id);
    list_uncovered();
    if (auto error = infer_elsewhere(); !error)
      return tl::unexpected(error.error());
    add_notes();
    return std::move(tree_);
  }

private:
  using Outcome = Result<void>;

  Outcome find_root() {
    const FileType type = files_.type(options_.path);
    if (type == FileType::missing)
      return fail("no such file or folder: " + options_.path);
    if (type == FileType::other)
      return fail("neither a file nor a folder: " + options_.path);
    const auto resolved = files_.real_path(options_.path);
    if (!resolved)
      return tl::unexpected(resolved.error());
    tree_.root = *resolved;
    if (type == FileType::regular) {
      if (!source_language(*resolved))
        return fail("no C or C++ source file: " + options_.path);
      tree_.root = project_folder(*resolved, files_);
      tree_.single = path_below(*resolved, tree_.root).value_or("");
    }
    return {};
  }

  Outcome read_configurations() {
    std::set<std::string> names;
    for (const Configuration &configuration : options_.configurations) {
      if (configuration.name.empty() || configuration.name.find_first_of("#@/ ") != std::string::npos)
        return fail("--config needs a name without spaces, '#', '@' and '/': \"" + configuration.name + "\"");
      if (world_from(configuration.name) || configuration.name == build_macros_world().name)
        return fail("--config cannot have the name of a world: " + configuration.name);
      if (!names.insert(configuration.name).second)
        return fail("--config names \"" + configuration.name + "\" twice");
      Result<CommandLine> command = read_flags("--config " + configuration.name, configuration.flags);
      if (!command)
        return tl::unexpected(command.error());
      configurations_.push_back(std::move(*command));
    }
    return {};
  }

  static Result<CommandLine> read_flags(const std::string &what, const std::vector<std::string> &flags) {
    std::vector<std::string> words = {"cc"};
    words.insert(words.end(), flags.begin(), flags.end());
    CommandLine command = read_command_line(words);
    if (!command.inputs.empty())
      return fail(what + ": no option: " + command.inputs.front().path);
    if (!command.refused.empty())
      return fail(what + ": not allowed: " + command.refused.front());
    if (!command.unread.empty())
      return fail(what + ": not followed: " + command.unread.front());
    return command;
  }

  // Folders become absolute, since each unit has a working folder of its own.
  Outcome read_extra_arguments() {
    std::vector<std::string> words = options_.extra_arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == "-I" || words[i] == "-isystem" || words[i] == "-iquote") {
        if (++i < words.size())
          words[i] = absolute_path(words[i], tree_.root);
      } else if (words[i].starts_with("-I")) {
        words[i] = "-I" + absolute_path(words[i].substr(2), tree_.root);
      }
    }
    Result<CommandLine> command = read_flags("--extra-arg", words);
    if (!command)
      return tl::unexpected(command.error());
    extra_ = std::move(*command);
    return {};
  }

  static void append(CompileUnit &unit, const CommandLine &flags) {
    const std::vector<std::string> more = normalised_arguments(flags, {unit.file, "", 0}, unit.language);
    unit.arguments.insert(unit.arguments.end(), more.begin() + 2, more.end()); // without -x and the language
  }

  Outcome add_extra_arguments() {
    if (!options_.extra_arguments.empty())
      for (CompileUnit &unit : tree_.units)
        append(unit, extra_);
    return {};
  }

  Outcome walk() {
    listing_ = walk_tree(tree_.root, files_);
    tree_.builds = listing_.builds;
    for (const std::string &source : listing_.sources)
      if (wanted(source))
        sources_.insert(source);
    return {};
  }

  bool wanted(const std::string &path) const {
    return path == tree_.single || ((options_.include.empty() || any_glob_matches(options_.include, path)) &&
                                    !any_glob_matches(options_.exclude, path));
  }

  Outcome find_units() {
    if (!options_.database.empty()) {
      const auto named = named_database(options_.database, files_);
      if (!named)
        return tl::unexpected(named.error());
      if (const auto used = use_database(*named); !used)
        return tl::unexpected(used.error());
      else if (!*used)
        return fail(*named + " names no C or C++ file of " + tree_.root);
      return {};
    }
    for (const std::string &found : find_databases(tree_.root, files_, tree_.notes)) {
      const auto used = use_database(found);
      const bool own = path_below(found, tree_.root).has_value();
      if (!used && own)
        return tl::unexpected(used.error());
      if (!used)
        tree_.notes.push_back("passed over a compile database: " + used.error().message);
      else if (*used)
        return {};
      else if (own)
        tree_.notes.push_back("passed over " + found + ": it names no C or C++ file of the tree");
    }
    return infer();
  }

  // False where the database names no file of the tree; then nothing of it is kept.
  Result<bool> use_database(const std::string &path) {
    std::vector<std::string> notes;
    const auto commands = read_database(path, files_, notes);
    if (!commands)
      return tl::unexpected(commands.error());
    DatabaseUnits found = units_of(*commands, tree_.root, path, files_);
    if (!found.any_in_root)
      return false;
    const auto unwanted = [&](const CompileUnit &unit) { return !wanted(unit_file(unit, tree_.root, found.build)); };
    std::erase_if(found.units, unwanted);
    if (!tree_.single.empty() && std::none_of(found.units.begin(), found.units.end(), [&](const CompileUnit &unit) {
          return unit_file(unit, tree_.root, found.build) == tree_.single;
        })) {
      tree_.notes.push_back(path + " does not name " + tree_.single);
      return false;
    }
    notes.insert(notes.begin(), "compile database: " + path);
    for (const auto &[option, count] : found.refused)
      notes.push_back("refused " + option + " in " + count_of(count, "command") + " of the database");
    if (found.outside > 0)
      notes.push_back(count_of(found.outside, "command") + " of the database compile files outside the tree");
    if (found.other_languages > 0)
      notes.push_back(count_of(found.other_languages, "command") + " of the database left out: neither C nor C++");
    tree_.build = found.build;
    tree_.database = path;
    tree_.units = std::move(found.units);
    tree_.notes.insert(tree_.notes.end(), notes.begin(), notes.end());
    return true;
  }

  Outcome infer() {
    if (listing_.sources.empty() && listing_.unreadable.empty())
      return fail("no C or C++ source files in " + options_.path +
                  (listing_.cython > 0 ? "; it has " + count_of(listing_.cython, "Cython file") +
                                             ": run the build first, which makes C of them"
                   : listing_.modules ? "; what is installed there is read by `ringfence audit`, and run by `python -m "
                                        "ringfence exercise`"
                                      : ""));
    const auto python = find_python(options_.python, tree_.root, files_);
    if (!python && !options_.python.empty())
      return tl::unexpected(python.error());
    Inferred inferred = infer_units(tree_.root, listing_, sources_, python, files_);
    tree_.units = std::move(inferred.units);
    if (listing_.cython > 0)
      tree_.notes.push_back(count_of(listing_.cython, "Cython file") + " without the C that Cython makes of " +
                            (listing_.cython == 1 ? "it" : "them") +
                            ": run the build first, else what they do is not read");
    tree_.possible_macros = std::move(inferred.possible_macros);
    tree_.notes.insert(tree_.notes.end(), inferred.notes.begin(), inferred.notes.end());
    return {};
  }

  Outcome add_configurations() {
    if (tree_.units.empty() && listing_.unreadable.empty())
      return fail("no C or C++ source files left in " + options_.path + " by --include and --exclude");
    give_ids(tree_.units, tree_.root, tree_.build);
    const std::vector<CompileUnit> own = tree_.units;
    for (std::size_t i = 0; i < configurations_.size(); ++i)
      for (CompileUnit unit : own) {
        unit.config = options_.configurations[i].name;
        unit.id += "@" + unit.config;
        append(unit, configurations_[i]);
        tree_.units.push_back(std::move(unit));
      }
    return {};
  }

  // Where PATH is a file.
  Outcome set_others_apart() {
    if (tree_.single.empty())
      return {};
    const auto others = std::stable_partition(tree_.units.begin(), tree_.units.end(), [&](const CompileUnit &unit) {
      return unit_file(unit, tree_.root, tree_.build) == tree_.single;
    });
    tree_.others.assign(std::make_move_iterator(others), std::make_move_iterator(tree_.units.end()));
    tree_.units.erase(others, tree_.units.end());
    sources_ = {tree_.single};
    return tree_.units.empty() ? Outcome(fail("no compile unit is made of " + options_.path)) : Outcome();
  }

  void list_uncovered() {
    std::set<std::string> covered;
    for (const CompileUnit &unit : tree_.units)
      if (auto below = path_below(unit.file, tree_.root))
        covered.insert(std::move(*below));
    std::set_difference(sources_.begin(), sources_.end(), covered.begin(), covered.end(),
                        std::back_inserter(tree_.uncovered));
    for (const std::string &folder : listing_.unreadable)
      if (tree_.single.empty() && !any_glob_matches(options_.exclude, folder.substr(0, folder.size() - 1)))
        tree_.uncovered.push_back(folder);
    std::sort(tree_.uncovered.begin(), tree_.uncovered.end());
  }

  // What only another system compiles, where its world is asked for.
  Outcome infer_elsewhere() {
    if (std::find(options_.worlds.begin(), options_.worlds.end(), windows_world()) == options_.worlds.end())
      return {};
    if (!has_windows_headers(files_))
      return fail("--world windows needs the headers of MinGW (on Debian: mingw-w64-x86-64-dev)");
    const std::set<std::string> left(tree_.uncovered.begin(), tree_.uncovered.end());
    tree_.elsewhere =
        infer_units(tree_.root, listing_, left, find_python(options_.python, tree_.root, files_), files_).units;
    give_ids(tree_.elsewhere, tree_.root, tree_.build);
    return {};
  }

  void add_notes() {
    std::vector<std::string> missing;
    for (const CompileUnit &unit : tree_.units)
      if (files_.type(unit.file) != FileType::regular)
        missing.push_back(unit.id);
    if (!missing.empty())
      tree_.notes.push_back(count_of(missing.size(), "unit") + " without a source file to read: " + list_some(missing));
    if (!listing_.unreadable.empty())
      tree_.notes.push_back(count_of(listing_.unreadable.size(), "folder") +
                            " not readable: " + list_some(listing_.unreadable));
    if (!listing_.skipped.empty())
      tree_.notes.push_back(count_of(listing_.skipped.size(), "folder") +
                            " not entered (builds, environments, links): " + list_some(listing_.skipped));
  }

  const SourceOptions &options_;
  const FileSystem &files_;
  SourceTree tree_;
  TreeFiles listing_;
  std::set<std::string> sources_;           // of listing_, by --include and --exclude
  CommandLine extra_;                       // of options_.extra_arguments
  std::vector<CommandLine> configurations_; // parallel to the options' configurations
};

} // namespace

Result<SourceTree> load_tree(const SourceOptions &options, const FileSystem &files) {
  return Loader(options, files).load();
}

} // namespace ringfence
