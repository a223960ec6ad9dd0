// What the command line says, as values. options.cc and shared_options.cc alone use CLI11.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "audit/answer.h"
#include "capture/capture.h"
#include "gate/baseline.h"
#include "report/formats/formats.h"
#include "report/report.h"
#include "scan/analysis_options.h"
#include "scan/exit_code.h"

namespace ringfence {

enum class Format { text, json, markdown, sarif }; // of what is no report: an audit, a comparison
enum class When { automatic, always, never };      // --progress, --color

// What every command that analyses a tree takes.
struct TreeOptions : AnalysisOptions {
  When progress = When::automatic;
  bool quiet = false;        // no progress and no notes on standard error
  std::string settings_file; // --settings FILE; empty: looked for in the tree's folder
  bool no_settings = false;
  std::string given; // of the command line, what decides how the tree is read: " -p build -I include"; may be empty
};

// Where the tree lies. `root`: of the report, where facts were merged and nobody says it.
const std::string &tree_of(const TreeOptions &options, const std::string &root);
// What to give another command so that it reads the same tree in the same way: " src -p build". `root` as above.
std::string same_tree(const TreeOptions &options, const std::string &root);

struct ScanOptions {
  TreeOptions analysis;
  const OutputFormat *format = &output_format("text");
  std::string output; // -o; empty: standard output
  When color = When::automatic;
  TextOptions::GroupBy group_by = TextOptions::GroupBy::worth; // text only
  TextOptions::Sort sort = TextOptions::Sort::file;            // text only
  std::size_t limit = 30;                                      // text only: problems to show; 0: all
  Risk min_risk = Risk::medium;          // of the problems to show; the inventory (json, tsv) always has everything
  bool fix = false, fix_dry_run = false; // write `const` where it compiles, or print the diff; instead of the report
  bool allow_incomplete = false;
  Risk fail_on = Risk::none;         // none: never fail on a risk
  std::vector<std::string> history;  // html only: JSON reports of earlier states, oldest first
  std::vector<std::string> evidence; // --evidence: files of `python -m ringfence exercise --json`
};

// Reads units and writes their facts.
struct ExtractOptions {
  TreeOptions analysis;
  std::size_t shard = 1, shards = 1; // units I, I+N, I+2N... of the tree
  std::string output;
  std::string depfile; // what the facts rest on, as a rule of make; empty: it is not written
  std::string ninja;   // write a Ninja file there and read nothing; empty: read
};

// A comparison as text or JSON, or its problems as a report shows them (those that are new: report/formats/formats.h).
struct GateFormat {
  Format own = Format::text;
  const OutputFormat *of_problems = nullptr;
};

// Scan, compare, fail on what is new.
struct GateOptions {
  TreeOptions analysis;
  std::string baseline; // --baseline FILE
  std::string against;  // --against REPORT.json, instead of a baseline
  Risk min_risk = Risk::medium;
  bool variables = false; // judge variables alone, as CPython's check-c-globals does
  GateFormat format;
  std::string output;
  bool strict = false; // fail on stale, expired and reasonless rows and unused suppressions too
  bool allow_incomplete = false;
};

// Write or update a baseline from a scan.
struct BaselineOptions {
  enum class Action { write, update };
  Action action = Action::write;
  TreeOptions analysis;
  std::string file;   // -o of write, --baseline of update
  std::string reason; // of the rows that are added
  Section section = Section::debt;
  Risk min_risk = Risk::medium;
  bool variables = false;        // rows for variables alone
  bool prune = false;            // update: drop what is gone
  bool add = false;              // update: add what is new
  std::vector<std::string> only; // update: of these subjects alone; empty: of all
  bool merged = false;           // .gitattributes says already how branches merge it
};

// The lists that CPython's Tools/c-analyzer keeps, into a baseline and back.
struct BaselineListsOptions {
  enum class Action { import, write }; // export is a keyword
  Action action = Action::import;
  std::vector<std::string> lists; // import: the files to read
  std::string baseline;           // import: to write, empty: standard output; write: to read
  std::string folder = ".";       // write: for the lists
};

// Two reports, no scan.
struct DiffOptions {
  std::string old_report, new_report;
  std::vector<Profile> profiles;
  Risk min_risk = Risk::low;
  Format format = Format::text; // text or json
};

// Why a rule exists, what a word means, what a module does, or why an object got its verdict.
struct ExplainOptions {
  std::string subject; // a rule's code or name, a word of the report, a module, or an object's id or the end of it
  bool tried = false;  // the rules that were tried on an object, too
  TreeOptions analysis;
};

// List, validate and test rules.
struct RulesOptions {
  std::string rules;       // --rules DIR; empty: the embedded rules alone
  bool predicates = false; // the words that rules are written with, instead of the rules
  bool traits = false;     // the words that tables give to names
  std::string test;        // --test PATH: run this annotated fixture, or all of a folder; empty: none
  std::string python;      // whose headers fixtures include; empty: python3 on PATH
};

// What the runtime library is to watch.
struct ManifestCommandOptions {
  TreeOptions analysis;
  std::vector<std::string> shared_objects; // --object; the files that were built from the tree
  Profile profile = Profile::own_gil;      // an object without risk under it is left out
  bool all = false;                        // keep those too
  std::string output;
  bool allow_incomplete = false;
};

// What to do with the facts of earlier runs.
struct CacheOptions {
  enum class Action { show, verify, prune, clear };
  Action action = Action::show;
  std::string folder;
  std::uint64_t megabytes = 0; // prune: to this size
};

// Move statics to per-interpreter state.
// What is run, and where the proof goes.
struct ProveOptions {
  std::string report = "ringfence-proof"; // a folder
  std::string build, test;                // commands for the shell; empty: what the project's files say
  std::string adjust;                     // a command for the shell, for the migrated copy; empty: none
  std::string exercise;                   // Python code; empty: what makes instances of each type
  std::vector<std::string> makes;         // Python expressions whose types' references are counted
  std::vector<std::string> pythons;       // executables; empty: each of 3.9 to 3.14 that is found
  std::vector<std::string> requirements;  // of pip
  std::string limit;                      // seconds for each command; empty: the proof's own
};

struct MigrateOptions {
  enum class Stage { slots, multi_phase, heap_types, module_state, isolated, claims };
  enum class State { slots, module };
  Stage stage = Stage::slots;
  State state = State::slots; // of isolated: where statics go that can go to both
  TreeOptions analysis;
  std::vector<std::string> only;    // ids or names of objects; empty: all at risk under a GIL per interpreter
  std::vector<std::string> modules; // names; empty: all
  Format format = Format::text;     // of what is told: text, json or markdown
  std::string edits;                // a file that gets the change as replacements, and the tree nothing; empty: none
  std::string proved;               // what `--prove` wrote of the tree; empty: none
  bool dry_run = false;             // print the change as a diff, write nothing
  bool plan = false;                // print what would move and what would not, write nothing
  bool commit = false;              // one commit for each stage
  bool proves = false;              // prove it in copies, write nothing to the tree
  ProveOptions prove;
  bool allow_incomplete = false;
};

// The files that a project needs for the gate.
struct InitOptions {
  TreeOptions analysis;
  bool dry_run = false; // print what would be written
};

// What installed modules are and claim, without sources and without running them.
struct AuditOptions {
  std::vector<std::string> paths; // shared libraries, wheels, folders
  std::vector<Profile> profiles;
  Format format = Format::text;
  std::string output;
  std::string manifests; // a folder for manifests of the watch; empty: none
  unsigned jobs = 1;
  std::optional<Outcome> fail_on; // exit code 1 where a module fares so or worse
  bool exercise = false;          // asked for what the Python package does
  bool allow_incomplete = false;
};

using Options = std::variant<ScanOptions, GateOptions, BaselineOptions, BaselineListsOptions, DiffOptions,
                             ExplainOptions, CaptureOptions, RulesOptions, ManifestCommandOptions, CacheOptions,
                             ExtractOptions, AuditOptions, MigrateOptions, InitOptions>;

// What a command does with its options: cli/NAME_command.cc. Returns the exit code.
int run(const ScanOptions &options);
int run(const GateOptions &options);
int run(const BaselineOptions &options);
int run(const BaselineListsOptions &options);
int run(const DiffOptions &options);
int run(const ExplainOptions &options);
inline int run(const CaptureOptions &options) { return capture(options); }
int run(const RulesOptions &options);
int run(const ManifestCommandOptions &options);
int run(const CacheOptions &options);
int run(const ExtractOptions &options);
int run(const AuditOptions &options);
int run(const MigrateOptions &options);
int run(const InitOptions &options);

// The options, or the code to exit with after help, the version or a usage error was printed.
std::variant<Options, int> parse_options(int argc, const char *const *argv);

} // namespace ringfence
