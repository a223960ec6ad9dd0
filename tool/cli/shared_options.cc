#include "cli/shared_options.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/text.h"
#include "cache/fact_cache.h"
#include "report/names.h"
#include "source/tree.h"

namespace ringfence {
namespace {

// "NAME=FLAGS", the flags separated by white space.
void add_configuration(SourceOptions &source, const std::string &text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos)
    throw CLI::ValidationError("--config", "expects NAME=FLAGS, as in --config debug=-DPy_DEBUG, not \"" + text + "\"");
  source.configurations.push_back({text.substr(0, equals), CLI::detail::split_up(text.substr(equals + 1))});
}

void add_world(SourceOptions &source, const std::string &name) {
  const std::optional<World> world = world_from(name);
  if (name == "macos")
    throw CLI::ValidationError("--world",
                               "macos cannot be read here: its headers are Apple's, and no package for other "
                               "systems has them. What only macOS compiles is listed by name, with the "
                               "condition or the header that hides it");
  if (!world)
    throw CLI::ValidationError("--world", "expects a Python, as in --world 3.14 or --world 3.14t, or windows, not \"" +
                                              name + "\"");
  if (std::find(source.worlds.begin(), source.worlds.end(), *world) == source.worlds.end())
    source.worlds.push_back(*world);
}

void add_extra_arguments(CLI::App &app, std::vector<std::string> &arguments) {
  const auto add = [&](const std::string &name, const std::string &prefix, const std::string &description) {
    app.add_option_function<std::vector<std::string>>(
           name,
           [&arguments, prefix](const std::vector<std::string> &values) {
             for (const std::string &value : values)
               arguments.push_back(prefix + value);
           },
           description)
        ->allow_extra_args(false);
  };
  add("--extra-arg", "", "one more argument for the compiler of every unit (repeatable), as in --extra-arg=-std=c++20");
  add("-I", "-I", "one more folder of headers, relative to the tree (repeatable)");
  add("-D", "-D", "one more macro, as in -D HAVE_SASL=1 (repeatable)");
}

void add_cache(CLI::App &app, std::string &folder) {
  folder = default_cache_folder();
  app.add_option("--cache", folder,
                 "where facts of earlier runs are kept (default: $RINGFENCE_CACHE, else ~/.cache/ringfence)")
      ->type_name("DIR");
  app.add_flag_callback(
      "--no-cache", [&folder] { folder.clear(); }, "parse every unit, keep nothing");
}

} // namespace

void add_profiles(CLI::App &app, std::vector<Profile> &profiles) {
  std::vector<std::string> names;
  names.reserve(all_profiles.size());
  for (const Profile profile : all_profiles)
    names.emplace_back(to_string(profile));
  app.add_option_function<std::vector<std::string>>(
         "--profile",
         [&profiles](const std::vector<std::string> &given) {
           for (const std::string &name : given)
             profiles.push_back(*from_word<Profile>(name));
         },
         "worlds to judge for (default: all)")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(names).description(""))
      ->type_name(CLI::detail::join(names, ","));
}

void add_min_risk(CLI::App &app, Risk &risk, const std::string &standard) {
  add_choice(app, "--min-risk", risk, risk_names,
             "lowest risk that counts, under any of the profiles (default: " + standard + ")");
}

void add_judging_options(CLI::App &app, TreeOptions &options) {
  add_profiles(app, options.profiles);
  app.add_option("--rules", options.rules, "a folder of rule files that add to or override the built-in ones")
      ->type_name("DIR");
  app.add_option("--min-python", options.min_python,
                 "oldest Python that the project supports: advice names only what exists there (default: what "
                 "pyproject.toml, setup.cfg or setup.py says, else 3.9)")
      ->type_name("X.Y");
  app.add_flag("-q,--quiet", options.quiet, "no progress and no notes on standard error");
}

void add_analysis_options(CLI::App &app, TreeOptions &options) {
  options.jobs = std::max(1u, std::thread::hardware_concurrency());
  SourceOptions &source = options.source;
  app.add_option(
      "PATH", source.path,
      "the source tree (default: this folder), or one source file, judged with what earlier scans know of its tree");
  app.add_option("-p,--compile-commands", source.database,
                 "a compile_commands.json, or the folder that has one (default: looked for in PATH, build*/ and the "
                 "parent folders; else arguments are inferred)")
      ->type_name("FILE|DIR");
  app.add_option("--include", source.include, "analyse only files that match (repeatable)")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_option("--exclude", source.exclude, "leave out files that match, even where others include them (repeatable)")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  app.add_option("--python", source.python, "whose headers to use where the tree has none (default: python3)")
      ->type_name("EXE");
  app.add_option_function<std::vector<std::string>>(
         "--config",
         [&source](const std::vector<std::string> &texts) {
           for (const std::string &text : texts)
             add_configuration(source, text);
         },
         "analyse the tree once more with these flags (repeatable), as in --config debug=-DPy_DEBUG")
      ->type_name("NAME=FLAGS")
      ->allow_extra_args(false);
  app.add_option_function<std::vector<std::string>>(
         "--world",
         [&source](const std::vector<std::string> &names) {
           source.find_worlds = false;
           for (const std::string &name : names)
             if (name != "build")
               add_world(source, name);
         },
         "read every unit also as this Python, 3.14, 3.14t without the GIL, 3.14-abi3 with the limited API, or "
         "as on Windows: windows (repeatable); build: no other (default: "
         "the newest, with and without the GIL, for units that have conditions on it)")
      ->type_name("X.Y[t][-abi3]|windows")
      ->allow_extra_args(false);
  add_extra_arguments(app, source.extra_arguments);
  app.add_option(
         "--settings", options.settings_file,
         "the project's settings (default: ringfence.toml of the tree, or [tool.ringfence] in its pyproject.toml)")
      ->type_name("FILE");
  app.add_flag("--no-settings", options.no_settings, "do as if the project had none");
  add_cache(app, options.cache);
  app.add_option("-j,--jobs", options.jobs, "units analysed at once (default: all cores)")
      ->check(CLI::Range(1u, 1024u));
  app.add_flag_callback(
      "--no-shared-parse", [&options] { options.shared_parse = false; },
      "parse each unit from its first line, in threads: slower, the same report");
  app.add_option("--unit-timeout", options.unit_limits.seconds,
                 "processor time that one unit may take, else it has failed (default: 120)")
      ->check(CLI::Range(1u, 86400u))
      ->type_name("SECONDS");
  app.add_option("--unit-memory", options.unit_limits.mebibytes,
                 "memory that one unit may take, else it has failed (default: 4096)")
      ->check(CLI::Range(16u, 1u << 20))
      ->type_name("MIB");
  add_choice(app, "--progress", options.progress, when_names, "progress on standard error (default: auto)");
  add_judging_options(app, options);
}

namespace {

std::string settings_folder(const TreeOptions &options, const FileSystem &files) {
  const std::string &path = options.source.path;
  return files.type(path) == FileType::regular ? project_folder(files.real_path(path).value_or(path), files) : path;
}

Settings settings_of(const TreeOptions &options) {
  if (options.no_settings || (options.settings_file.empty() && options.source.path.empty())) // merge without --source
    return {};
  const DiskFileSystem files;
  Result<Settings> settings = options.settings_file.empty() ? find_settings(settings_folder(options, files), files)
                                                            : read_settings(options.settings_file, files);
  if (!settings)
    throw CLI::ParseError(settings.error().message, exit_usage);
  return std::move(*settings);
}

// Options that every command takes which reads a tree, as they were given.
std::string given_of(const CLI::App &command) {
  std::string given;
  for (const char *name : {"-p", "--include", "--exclude", "--python", "--config", "--world", "--extra-arg", "-I", "-D",
                           "--settings", "--no-settings", "--profile", "--rules", "--min-python"}) {
    const CLI::Option *option = command.get_option_no_throw(name);
    if (!option || option->count() == 0)
      continue;
    if (option->get_items_expected_max() == 0) {
      given += std::string(" ") + name;
      continue;
    }
    for (const std::string &value : option->results())
      given += std::string(" ") + name + (value.starts_with('-') ? "=" : " ") + shell_quoted(value);
  }
  return given;
}

} // namespace

const std::string &tree_of(const TreeOptions &options, const std::string &root) {
  return options.source.path.empty() ? root : options.source.path;
}

std::string same_tree(const TreeOptions &options, const std::string &root) {
  const std::string &path = tree_of(options, root);
  return (path == "." ? "" : " " + shell_quoted(path)) + options.given;
}

void complete(CLI::App &command, TreeOptions &options) {
  options.given = given_of(command);
  options.settings = settings_of(options);
  for (const auto &[name, values] : options.settings.options) {
    CLI::Option *option = command.get_option_no_throw(name);
    if (!option || option->count() > 0)
      continue;
    const std::set<CLI::Option *> others = option->get_excludes();
    if (std::any_of(others.begin(), others.end(), [](const CLI::Option *other) { return other->count() > 0; }))
      continue;
    try {
      for (const std::string &value : values)
        option->add_result(value);
      option->run_callback();
    } catch (const CLI::ParseError &error) {
      throw CLI::ParseError(options.settings.file + ": " + error.what(), exit_usage);
    }
  }
  complete(options.profiles);
}

void complete_baseline(std::string &baseline, const TreeOptions &options) {
  const DiskFileSystem files;
  const std::string folder = settings_folder(options, files);
  const std::string found = folder == "." ? "ringfence.baseline" : folder + "/ringfence.baseline";
  if (baseline.empty() && files.type(found) == FileType::regular)
    baseline = found;
}

void complete(std::vector<Profile> &profiles) {
  if (profiles.empty())
    profiles.assign(all_profiles.begin(), all_profiles.end());
  std::sort(profiles.begin(), profiles.end());
  profiles.erase(std::unique(profiles.begin(), profiles.end()), profiles.end());
}

void add_allow_incomplete(CLI::App &app, bool &flag) {
  app.add_flag("--allow-incomplete", flag, "exit as if complete where files failed or were skipped");
}

void add_changed_since(CLI::App &app, std::string &revision) {
  app.add_option("--changed-since", revision,
                 "report only what git's changes since this commit touch: units whose file or one of whose headers "
                 "differs, and what they write elsewhere")
      ->type_name("REV");
}

void add_variables(CLI::App &app, bool &flag) {
  app.add_flag("--variables", flag, "judge variables alone, not claims, types and calls, as CPython's check-c-globals");
}

} // namespace ringfence
