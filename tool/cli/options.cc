#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <memory>
#include <thread>

#include "base/spelling.h"
#include "base/text.h"
#include "cache/fact_cache.h"
#include "cli/shared_options.h"
#include "extract/extract.h"
#include "report/names.h"
#include "scan/analysis.h"

namespace ringfence {
namespace {

// Of what is told and is no report.
const std::map<std::string, Format> told_formats = {
    {"text", Format::text}, {"json", Format::json}, {"markdown", Format::markdown}};

// What a report is to show and how.
void add_report_options(CLI::App &app, ScanOptions &options) {
  std::map<std::string, const OutputFormat *> formats;
  for (const OutputFormat &format : output_formats())
    formats.emplace(format.name, &format);
  add_format(app, options.format, formats);
  app.add_option("-o,--output", options.output, "write the report there instead of to standard output")
      ->type_name("FILE");
  add_choice(app, "--color", options.color, when_names, "colour in the text report (default: auto)");
  add_choice(
      app, "--group-by", options.group_by,
      {{"worth", TextOptions::GroupBy::worth},
       {"file", TextOptions::GroupBy::file},
       {"module", TextOptions::GroupBy::module},
       {"verdict", TextOptions::GroupBy::verdict},
       {"rule", TextOptions::GroupBy::rule}},
      "what the text report's problems are put together by (default: worth: what to look at first, each cause with "
      "what follows from it)");
  add_choice(app, "--sort", options.sort,
             {{"file", TextOptions::Sort::file},
              {"name", TextOptions::Sort::name},
              {"risk", TextOptions::Sort::risk},
              {"rule", TextOptions::Sort::rule}},
             "order of the problems within such a group; by risk: worst first, of the groups too (default: file)");
  add_min_risk(app, options.min_risk, "medium");
  app.add_option("--limit", options.limit, "problems that the text report shows, worst first; 0: all (default: 30)")
      ->type_name("N");
  app.add_option("--history", options.history,
                 "with --format html: JSON reports of earlier states, oldest first, for a burn-down; PATH comes "
                 "before it")
      ->type_name("REPORT...")
      ->check(CLI::ExistingFile.description(""));
  app.add_option("--evidence", options.evidence, "what runs saw, from python -m ringfence exercise --json (repeatable)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  add_choice(app, "--fail-on", options.fail_on, risk_names,
             "exit with 1 where an object or finding has at least this risk");
  add_allow_incomplete(app, options.allow_incomplete);
}

void finish(CLI::App &app, const std::shared_ptr<ScanOptions> &options, Options &result) {
  app.callback([&app, options, &result] {
    complete(app, options->analysis);
    if (!options->history.empty() && options->format->needs != Needs::history)
      throw CLI::ValidationError("--history", "a burn-down is a part of the HTML report: add --format html");
    result = *options;
  });
}

void add_scan(CLI::App &app, Options &result) {
  CLI::App *scan = app.add_subcommand("scan", "analyse a source tree and print the report");
  scan->footer("Examples:\n"
               "  ringfence scan                          the tree in this folder\n"
               "  ringfence scan -p build ~/src/project   with the compile database of build/\n"
               "  ringfence scan --format json -o r.json  for other programs\n"
               "  ringfence scan --format html -o r.html --history may.json june.json  a page, with a burn-down\n"
               "  ringfence scan --group-by module --sort risk --limit 0\n"
               "  ringfence scan --fail-on high           exit code 1 where an object of high risk is found\n\n"
               "Exit codes: 0 clean, 1 --fail-on was met, 2 usage or configuration error,\n"
               "3 a file failed or was skipped (unless --allow-incomplete).");
  auto options = std::make_shared<ScanOptions>();
  add_analysis_options(*scan, options->analysis);
  add_report_options(*scan, *options);
  add_changed_since(*scan, options->analysis.changed_since);
  scan->add_flag("--fix", options->fix, "write `const` into what is never written, where every unit still parses");
  scan->add_flag("--fix-dry-run", options->fix_dry_run, "print that change as a unified diff instead");
  finish(*scan, options, result);
}

// "I/N", the I-th of N.
void read_shard(const std::string &text, ExtractOptions &options) {
  const char *end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, options.shard);
  const bool slash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
  const auto second = slash ? std::from_chars(first.ptr + 1, end, options.shards) : first;
  if (!slash || second.ec != std::errc() || second.ptr != end || options.shard < 1 || options.shard > options.shards)
    throw CLI::ValidationError("--shard", "expects I/N with 1 <= I <= N, as in --shard 2/4, not \"" + text + "\"");
}

void add_extract(CLI::App &app, Options &result) {
  CLI::App *extract = app.add_subcommand("extract", "write the facts of a tree's units, for merge");
  extract->footer("Example, on two machines or one after the other:\n"
                  "  ringfence extract --shard 1/2 -o 1.facts\n"
                  "  ringfence extract --shard 2/2 -o 2.facts\n"
                  "  ringfence merge 1.facts 2.facts --format json -o report.json\n\n"
                  "The report is that of one scan, whatever the split. Facts do not say where the tree lies.\n\n"
                  "With Ninja, which runs, resumes and skips:\n"
                  "  ringfence extract --ninja build.ninja && ninja");
  auto options = std::make_shared<ExtractOptions>();
  add_analysis_options(*extract, options->analysis);
  extract
      ->add_option_function<std::string>(
          "--shard", [options](const std::string &text) { read_shard(text, *options); }, "only the I-th of N parts")
      ->type_name("I/N");
  extract->add_option("-o,--output", options->output, "write the facts there instead of to standard output")
      ->type_name("FILE");
  extract->add_option("--depfile", options->depfile, "write the files that the facts rest on there, as a rule of make")
      ->type_name("FILE")
      ->needs("--output");
  extract
      ->add_option("--ninja", options->ninja,
                   "read nothing: write a Ninja file with an edge for each unit and one for report.json")
      ->type_name("FILE");
  extract->callback([extract, options, &result] {
    complete(*extract, options->analysis);
    result = *options;
  });
}

void add_merge(CLI::App &app, Options &result) {
  CLI::App *merge = app.add_subcommand("merge", "one report of the facts that extract wrote");
  merge->footer("Takes all parts of one tree, in any order. Exit codes are those of scan.");
  auto options = std::make_shared<ScanOptions>();
  options->analysis.source.path.clear();
  merge->add_option("FACTS", options->analysis.parts, "files that ringfence extract wrote")->required();
  merge->add_option("--source", options->analysis.source.path, "where the tree lies, for source lines in the report")
      ->type_name("DIR");
  add_judging_options(*merge, options->analysis);
  add_report_options(*merge, *options);
  finish(*merge, options, result);
}

void add_gate(CLI::App &app, Options &result) {
  CLI::App *gate = app.add_subcommand("gate", "scan, compare with what was accepted, fail on what is new");
  gate->footer("Examples:\n"
               "  ringfence baseline write -o ringfence.baseline --reason 'before the first review'\n"
               "  ringfence gate --baseline ringfence.baseline\n"
               "  ringfence gate --against main.json --format github\n"
               "  ringfence gate --baseline ringfence.baseline --changed-since origin/main\n\n"
               "Exit codes: 0 nothing new, 1 something new, 2 usage or configuration error,\n"
               "3 a file failed or was skipped (unless --allow-incomplete).");
  auto options = std::make_shared<GateOptions>();
  add_analysis_options(*gate, options->analysis);
  CLI::Option *baseline =
      gate->add_option("--baseline", options->baseline, "the reviewed decisions to compare with")->type_name("FILE");
  CLI::Option *against =
      gate->add_option("--against", options->against, "compare with another commit's JSON report")->type_name("FILE");
  baseline->excludes(against);
  add_min_risk(*gate, options->min_risk, "medium");
  add_changed_since(*gate, options->analysis.changed_since);
  add_variables(*gate, options->variables);
  std::map<std::string, GateFormat> formats = {{"text", {Format::text}}, {"json", {Format::json}}};
  for (const OutputFormat &format : output_formats())
    if (format.shows != Shows::report)
      formats.emplace(format.name, GateFormat{Format::text, &format});
  add_format(*gate, options->format, formats);
  gate->add_option("-o,--output", options->output, "write the result there instead of to standard output")
      ->type_name("FILE");
  gate->add_flag("--strict", options->strict,
                 "fail on stale, expired and reasonless rows and on unused suppressions too");
  add_allow_incomplete(*gate, options->allow_incomplete);
  gate->callback([gate, options, &result] {
    complete(*gate, options->analysis);
    if (options->against.empty())
      complete_baseline(options->baseline, options->analysis);
    if (options->baseline.empty() && options->against.empty())
      throw CLI::RequiredError("--baseline FILE or --against REPORT, or a ringfence.baseline in the tree");
    result = *options;
  });
}

void add_baseline_action(CLI::App &parent, BaselineOptions::Action action, Options &result) {
  const bool update = action == BaselineOptions::Action::update;
  CLI::App *command = update ? parent.add_subcommand("update", "add what is new, drop what is gone")
                             : parent.add_subcommand("write", "accept everything that a scan finds now");
  auto options = std::make_shared<BaselineOptions>();
  options->action = action;
  add_analysis_options(*command, options->analysis);
  command->add_option(update ? "--baseline" : "-o,--output", options->file, "the baseline")->type_name("FILE");
  CLI::Option *reason = command->add_option("--reason", options->reason, "why the rows that are added are accepted")
                            ->required(!update)
                            ->type_name("TEXT");
  command->add_flag_callback(
      "--accepted", [options] { options->section = Section::accepted; },
      "add to the accepted section (default: debt, to be repaired)");
  add_min_risk(*command, options->min_risk, "medium");
  add_variables(*command, options->variables);
  if (update) {
    command->add_flag("--prune", options->prune, "drop fixed, stale and expired rows, follow what has moved");
    CLI::Option *add = command->add_flag("--add", options->add, "add a row for each new problem")->needs(reason);
    command
        ->add_option("--only", options->only, "with --add: only problems of this object or other subject (repeatable)")
        ->needs(add)
        ->type_name("SUBJECT")
        ->allow_extra_args(false);
  }
  command->callback([command, update, options, &result] {
    complete(*command, options->analysis);
    if (update)
      complete_baseline(options->file, options->analysis);
    if (update && options->file.empty())
      throw CLI::RequiredError("--baseline FILE, or a ringfence.baseline in the tree");
    result = *options;
  });
}

void add_baseline_import(CLI::App &parent, Options &result) {
  CLI::App *command = parent.add_subcommand("import", "make a baseline of CPython's lists");
  command->footer(
      "Example:\n"
      "  ringfence baseline import Tools/c-analyzer/cpython/{globals-to-fix,ignored}.tsv -o ringfence.baseline\n"
      "  ringfence gate --baseline ringfence.baseline --variables --profile own-gil");
  auto options = std::make_shared<BaselineListsOptions>();
  command->add_option("LIST", options->lists, "globals-to-fix.tsv becomes debt, any other name what is accepted")
      ->required();
  command->add_option("-o,--output", options->baseline, "the baseline (default: standard output)")->type_name("FILE");
  command->callback([options, &result] { result = *options; });
}

void add_baseline_export(CLI::App &parent, Options &result) {
  CLI::App *command = parent.add_subcommand("export", "write a baseline as CPython's lists");
  auto options = std::make_shared<BaselineListsOptions>();
  options->action = BaselineListsOptions::Action::write;
  command->add_option("--baseline", options->baseline, "the baseline")->required()->type_name("FILE");
  command->add_option("-o,--output", options->folder, "the folder for the lists (default: this one)")->type_name("DIR");
  command->callback([options, &result] { result = *options; });
}

void add_baseline(CLI::App &app, Options &result) {
  CLI::App *baseline = app.add_subcommand("baseline", "keep the reviewed decisions that the gate compares with");
  baseline->require_subcommand(1);
  add_baseline_action(*baseline, BaselineOptions::Action::write, result);
  add_baseline_action(*baseline, BaselineOptions::Action::update, result);
  add_baseline_import(*baseline, result);
  add_baseline_export(*baseline, result);
}

void add_diff(CLI::App &app, Options &result) {
  CLI::App *diff = app.add_subcommand("diff", "two JSON reports: introduced, fixed, preexisting");
  diff->footer("Exit codes: 0 compared, whatever differs; 2 a report that cannot be read. What is to fail on new\n"
               "findings is ringfence gate.");
  auto options = std::make_shared<DiffOptions>();
  diff->add_option("OLD", options->old_report, "the earlier report")->required();
  diff->add_option("NEW", options->new_report, "the later report")->required();
  add_profiles(*diff, options->profiles);
  add_min_risk(*diff, options->min_risk, "low");
  add_format<Format>(*diff, options->format, {{"text", Format::text}, {"json", Format::json}});
  diff->callback([options, &result] {
    complete(options->profiles);
    result = *options;
  });
}

void add_explain(CLI::App &app, Options &result) {
  CLI::App *explain = app.add_subcommand(
      "explain", "what a rule, a world or a verdict means, and why an object or a module got its own");
  explain->footer("Examples:\n"
                  "  ringfence explain RF103\n"
                  "  ringfence explain own-gil\n"
                  "  ringfence explain pkg._speedups PATH\n"
                  "  ringfence explain src/module.c:cache PATH\n"
                  "  ringfence explain module.c:traverse PATH    a function: what was found in it");
  auto options = std::make_shared<ExplainOptions>();
  explain
      ->add_option(
          "SUBJECT", options->subject,
          "a rule's code or name, a word of the report (own-gil, refused, could-claim-more, object-cache), a "
          "module, or the id, name or end of a name of an object, a member, a function or what else a finding names")
      ->required();
  explain->add_flag("--tried", options->tried, "also the rules that were tried on an object, and why they do not hold");
  add_analysis_options(*explain, options->analysis);
  explain->callback([explain, options, &result] {
    complete(*explain, options->analysis);
    result = *options;
  });
}

void add_init(CLI::App &app, Options &result) {
  CLI::App *init = app.add_subcommand("init", "write a project's settings, baseline, commit hook and CI job");
  init->footer(
      "Writes ringfence.toml, ringfence.baseline of what a scan finds now, .gitattributes, .pre-commit-config.yaml\n"
      "and, for GitHub, a workflow. What is there already stays as it is; what is to be added to it is printed.");
  auto options = std::make_shared<InitOptions>();
  add_analysis_options(*init, options->analysis);
  init->add_flag("--dry-run", options->dry_run, "print what would be written, write nothing");
  init->callback([init, options, &result] {
    complete(*init, options->analysis);
    result = *options;
  });
}

void add_capture(CLI::App &app, Options &result) {
  CLI::App *capture = app.add_subcommand("capture", "record the compile commands of any build");
  capture->footer(
      "Examples:\n"
      "  ringfence capture -- make -j8\n"
      "  ringfence capture -- python3 setup.py build_ext --force\n\n"
      "Only what is compiled is recorded: clean the build first. The exit code is the build's; 2 where nothing\n"
      "was recorded.");
  auto options = std::make_shared<CaptureOptions>();
  capture->add_option("-o,--output", options->output, "the compile database (default: compile_commands.json)")
      ->type_name("FILE");
  capture->add_option("COMMAND", options->command, "the build, after --")->required();
  capture->callback([options, &result] { result = *options; });
}

void add_rules(CLI::App &app, Options &result) {
  CLI::App *rules = app.add_subcommand("rules", "list the rules, validate those of a folder, and run fixtures");
  rules->footer("Examples:\n"
                "  ringfence rules\n"
                "  ringfence rules --rules my-rules\n"
                "  ringfence rules --rules my-rules --test my-fixtures\n\n"
                "A fixture is a C or C++ file whose comments say what must be found:\n"
                "  // expect: object-cache RF103   this verdict, of the object on this line\n"
                "  // expect: RF301                this finding; @+1 or @-2 behind the word: of another line\n"
                "  // evidence: RF103              evidence of that rule points here\n"
                "  // misses: RF301                known not to be found; wrongly: known to be a false alarm\n"
                "  // expect-none                  nothing at all is found\n"
                "  // flags: -DX=1                 for the compiler\n"
                "Headers of its own lie in include/ of the folder, or beside the folder.\n\n"
                "Exit codes: 0 clean, 1 a fixture differs, 2 usage or configuration error.");
  auto options = std::make_shared<RulesOptions>();
  rules->add_option("--rules", options->rules, "a folder of rule files that add to or override the built-in ones")
      ->type_name("DIR");
  auto *predicates =
      rules->add_flag("--predicates", options->predicates, "list the predicates that rules are written with");
  rules->add_flag("--traits", options->traits, "list the traits that tables give to functions, types and objects")
      ->excludes(predicates);
  rules->add_option("--test", options->test, "run this annotated fixture, or all of a folder")->type_name("PATH");
  rules->add_option("--python", options->python, "whose headers fixtures include (default: python3)")->type_name("EXE");
  rules->callback([options, &result] { result = *options; });
}

void add_manifest(CLI::App &app, Options &result) {
  CLI::App *manifest = app.add_subcommand("manifest", "write what the runtime library watches");
  manifest->footer("Examples:\n"
                   "  ringfence manifest src --object build/mod.cpython-312-x86_64-linux-gnu.so -o mod.json\n"
                   "  python -m ringfence exercise mod --manifest mod.json --json seen.json\n"
                   "  ringfence scan src --evidence seen.json");
  auto options = std::make_shared<ManifestCommandOptions>();
  add_analysis_options(*manifest, options->analysis);
  manifest->add_option("--object", options->shared_objects, "a shared object built from the tree (repeatable)")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  manifest->add_flag("--all", options->all, "list objects without risk too: a watch puts their verdicts to the test");
  manifest->add_option("-o,--output", options->output, "write the manifest there instead of to standard output")
      ->type_name("FILE");
  add_allow_incomplete(*manifest, options->allow_incomplete);
  manifest->callback([manifest, options, &result] {
    if (options->analysis.profiles.size() > 1)
      throw CLI::ValidationError("--profile", "a manifest is made for one profile");
    if (!options->analysis.profiles.empty())
      options->profile = options->analysis.profiles.front();
    complete(*manifest, options->analysis);
    options->analysis.profiles.assign(all_profiles.begin(), all_profiles.end());
    result = *options;
  });
}

void add_audit(CLI::App &app, Options &result) {
  CLI::App *audit =
      app.add_subcommand("audit", "what installed modules are and claim: no sources, nothing is executed");
  audit->footer(
      "Examples:\n"
      "  ringfence audit .venv                         every extension module of an environment\n"
      "  ringfence audit numpy-2.3.1-cp314-cp314t-manylinux_2_28_x86_64.whl\n"
      "  ringfence audit --profile own-gil --fail-on blocked .venv   for CI\n"
      "  ringfence audit --format sarif -o audit.sarif dist/         for code scanning\n"
      "  python -m ringfence audit --exercise .venv                  and run what was found (the Python package)\n\n"
      "ELF, Mach-O and PE files are read on every system. What a module says is not proved by it: scan checks a\n"
      "claim against the sources, python -m ringfence exercise runs the module.\n\n"
      "Exit codes: 0 read, 1 --fail-on was met, 2 usage error, 3 a file could not be read\n"
      "(unless --allow-incomplete).");
  auto options = std::make_shared<AuditOptions>();
  audit->add_option("PATH", options->paths, "environments, folders, wheels, shared libraries")->required();
  add_profiles(*audit, options->profiles);
  static const std::map<std::string, Format> formats = {
      {"text", Format::text}, {"json", Format::json}, {"markdown", Format::markdown}, {"sarif", Format::sarif}};
  add_format(*audit, options->format, formats);
  audit->add_option("-o,--output", options->output, "write the result there instead of to standard output")
      ->type_name("FILE");
  options->jobs = std::max(1u, std::thread::hardware_concurrency());
  audit->add_option("-j,--jobs", options->jobs, "files to read at once (default: processors)")
      ->type_name("N")
      ->check(CLI::Range(1u, 1024u).description(""));
  static const std::map<std::string, Outcome> failures = {{"blocked", Outcome::gil_on},
                                                          {"own-risk", Outcome::at_own_risk}};
  audit
      ->add_option("--fail-on", options->fail_on,
                   "exit with 1 where a module is refused or switches the GIL on in one of the profiles (blocked), or "
                   "anything but loads there (own-risk)")
      ->type_name("WORD")
      ->transform(CLI::CheckedTransformer(failures, CLI::ignore_case).description("blocked,own-risk"));
  audit
      ->add_option("--manifest", options->manifests,
                   "write a manifest for the runtime library's watch there for each file that names its data")
      ->type_name("FOLDER");
  audit->add_flag("--exercise", options->exercise,
                  "run what was found in many interpreters: python -m ringfence audit");
  add_allow_incomplete(*audit, options->allow_incomplete);
  audit->callback([options, &result] {
    complete(options->profiles);
    result = *options;
  });
}

// What --prove runs: each option asks for it.
void add_prove(CLI::App &migrate, MigrateOptions &options) {
  CLI::Option *prove = migrate.add_flag(
      "--prove", options.proves,
      "build and test copies of the project before and after, in many interpreters too, and write a report of what "
      "differs; RUNS THE PROJECT'S OWN CODE with your rights");
  const auto add = [&](const char *name, auto &value, const char *type, const char *description) {
    return migrate.add_option(name, value, description)->type_name(type)->needs(prove)->group("Proof");
  };
  add("--report", options.prove.report, "DIR", "where the proof's reports go (default: ringfence-proof)");
  add("--build", options.prove.build, "CMD", "builds the project, in its folder (default: pip install -e .)");
  add("--test", options.prove.test, "CMD", "tests it (default: what pyproject.toml or setup.py say, else pytest)");
  add("--adjust", options.prove.adjust, "CMD", "changes the migrated copy by hand, before it is built");
  add("--exercise", options.prove.exercise, "CODE", "Python that is run in four interpreters at once, and timed");
  const auto add_each = [&](const char *name, std::vector<std::string> &values, const char *type, const char *text) {
    add(name, values, type, text)->allow_extra_args(false);
  };
  add_each("--make", options.prove.makes, "EXPR", "makes an object whose type's references are counted (repeatable)");
  add_each("--on", options.prove.pythons, "EXE", "this Python (repeatable; default: each of 3.9 to 3.14)");
  add_each("--requires", options.prove.requirements, "REQ", "what pip installs before the build (repeatable)");
  add("--limit", options.prove.limit, "SECONDS", "for each command (default: 900)");
}

void add_migrate(CLI::App &app, Options &result) {
  CLI::App *migrate =
      app.add_subcommand("migrate", "move statics to per-interpreter state, where that is proved to compile");
  migrate->footer(
      "Examples:\n"
      "  ringfence migrate --to isolated --plan      what would move, what stays and why\n"
      "  ringfence migrate --to isolated --dry-run   the change as a diff\n"
      "  ringfence migrate --only src/module.c:cache\n"
      "  ringfence migrate --to isolated --prove     build and test copies before and after, and write a report\n\n"
      "Stages, each of which compiles by itself:\n"
      "  multi-phase  the work of PyInit_* moves to an exec slot, which runs in each interpreter\n"
      "  heap-types   a static PyTypeObject becomes a PyType_Spec and a type for each interpreter\n"
      "  module-state a static becomes a member of its module's state, where all that uses it can reach that;\n"
      "               no runtime library is needed\n"
      "  slots        a static becomes a member of one struct for each interpreter, reached by RF_GET; the two\n"
      "               files of the runtime library are put beside the sources, and into plain build files\n"
      "  claims       a module that nothing stands against claims a GIL per interpreter; wants --proved\n\n"
      "An object moves with all its uses, or not at all: what is refused is listed with the place that shows why.\n"
      "C sources.\n\n"
      "Exit codes: 0 all moved, 1 some refused, 2 usage error, 3 a file could not be read in full\n"
      "(unless --allow-incomplete).");
  auto options = std::make_shared<MigrateOptions>();
  add_analysis_options(*migrate, options->analysis);
  migrate->add_option("--only", options->only, "only this object, by its id or name (repeatable)")
      ->type_name("OBJECT")
      ->allow_extra_args(false);
  migrate->add_option("--module", options->modules, "only the files of this module, by its name (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  using Stage = MigrateOptions::Stage;
  add_choice(*migrate, "--to", options->stage,
             {{"slots", Stage::slots},
              {"multi-phase", Stage::multi_phase},
              {"heap-types", Stage::heap_types},
              {"module-state", Stage::module_state},
              {"isolated", Stage::isolated},
              {"claims", Stage::claims}},
             "the stage (default: slots); isolated: multi-phase, heap-types and slots");
  add_choice(*migrate, "--state", options->state,
             {{"slots", MigrateOptions::State::slots}, {"module", MigrateOptions::State::module}},
             "with --to isolated: module moves to the module's state what can be reached there, the rest to slots");
  migrate->add_option("--proved", options->proved, "for --to claims: what --prove wrote of this tree, as JSON")
      ->type_name("FILE");
  CLI::Option *dry = migrate->add_flag("--dry-run", options->dry_run, "print the change as a unified diff instead");
  CLI::Option *plan = migrate->add_flag("--plan", options->plan, "print what would move instead")->excludes(dry);
  CLI::Option *edits =
      migrate
          ->add_option(
              "--edits", options->edits,
              "write the change of the sources there, as clang-apply-replacements reads it, and leave the tree")
          ->type_name("FILE")
          ->excludes(dry)
          ->excludes(plan);
  migrate->add_flag("--commit", options->commit, "make one commit of each stage, in the tree's git repository")
      ->excludes(dry)
      ->excludes(plan)
      ->excludes(edits);
  add_prove(*migrate, *options);
  add_format(*migrate, options->format, told_formats);
  add_allow_incomplete(*migrate, options->allow_incomplete);
  migrate->callback([migrate, options, &result] {
    complete(*migrate, options->analysis);
    result = *options;
  });
}

void add_cache_action(CLI::App &parent, CacheOptions::Action action, const std::string &name,
                      const std::string &description, Options &result) {
  CLI::App *command = parent.add_subcommand(name, description);
  auto options = std::make_shared<CacheOptions>();
  options->action = action;
  options->folder = default_cache_folder();
  command->add_option("--cache", options->folder, "its folder (default: $RINGFENCE_CACHE, else ~/.cache/ringfence)")
      ->type_name("DIR");
  if (action == CacheOptions::Action::prune)
    command->add_option("--max-size", options->megabytes, "in MiB")->required()->type_name("N");
  command->callback([options, &result] { result = *options; });
}

void add_cache_command(CLI::App &app, Options &result) {
  CLI::App *cache = app.add_subcommand("cache", "show, verify, prune or clear the facts of earlier runs");
  cache->require_subcommand(1);
  cache->footer(
      "A unit's facts are used again while its arguments, every file that it reads and this program are as they\n"
      "were. RINGFENCE_CACHE names another folder; scan --no-cache goes without.");
  using Action = CacheOptions::Action;
  add_cache_action(*cache, Action::show, "show", "how many units, how large", result);
  add_cache_action(*cache, Action::verify, "verify", "read all of it, drop what is damaged (exit code 1 if any is)",
                   result);
  add_cache_action(*cache, Action::prune, "prune", "drop what was unused for longest, down to a size", result);
  add_cache_action(*cache, Action::clear, "clear", "remove it", result);
}

} // namespace

namespace {

// The error where the first word is no command; empty where it is one.
std::string unknown_command(const CLI::App &app, int argc, const char *const *argv) {
  const std::string_view word = argc > 1 ? argv[1] : "-";
  std::vector<std::string> names;
  for (const CLI::App *command : app.get_subcommands(nullptr))
    names.push_back(command->get_name());
  if (word.empty() || word.starts_with('-') || std::ranges::find(names, word) != names.end())
    return {};
  const std::string nearest = near_spelling(word, names);
  return "ringfence: no command is called \"" + escape_terminal(word) + "\"" +
         (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?") + "\nRun with --help for all of them.\n";
}

} // namespace

std::variant<Options, int> parse_options(int argc, const char *const *argv) {
  CLI::App app("ringfence finds every piece of C and C++ global state in CPython and extension modules,\n"
               "says by evidence how it breaks interpreter isolation, and what to do about it.",
               "ringfence");
  app.set_version_flag("--version", "ringfence " + tool_version() + " (clang " + clang_version() + ")");
  app.require_subcommand(1);
  app.footer("Start with: ringfence scan PATH");

  Options result;
  add_scan(app, result);
  add_gate(app, result);
  add_baseline(app, result);
  add_diff(app, result);
  add_explain(app, result);
  add_init(app, result);
  add_capture(app, result);
  add_rules(app, result);
  add_manifest(app, result);
  add_audit(app, result);
  add_migrate(app, result);
  add_cache_command(app, result);
  add_extract(app, result);
  add_merge(app, result);
  if (const std::string unknown = unknown_command(app, argc, argv); !unknown.empty()) {
    std::cerr << unknown;
    return exit_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? exit_clean : exit_usage;
  }
  return result;
}

} // namespace ringfence
