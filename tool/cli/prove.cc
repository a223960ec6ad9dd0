#include "cli/prove.h"

#include <filesystem>
#include <iostream>
#include <unistd.h>
#include <vector>

#include "base/process.h"
#include "cli/output.h"

namespace ringfence {
namespace {

namespace fs = std::filesystem;

constexpr const char *launch = "import sys\n"
                               "sys.path[:1] = filter(None, [sys.argv.pop(1)])\n" // and not the folder that we are in
                               "try:\n"
                               "    from ringfence.proof.__main__ import main\n"
                               "except ImportError as error:\n"
                               "    print('ringfence: --prove needs the Python package ringfence, of the runtime "
                               "library: pip install ringfence ('\n"
                               "          + str(error) + ')', file=sys.stderr)\n"
                               "    sys.exit(2)\n"
                               "sys.exit(main())\n";

// The folder of the package `ringfence` that comes with the program: a wheel's, or the source tree's. Empty: none, and
// Python looks where it always looks.
std::string package_folder(const fs::path &program) {
  for (const char *way : {"../../..", "../../../runtime/python"})
    if (const fs::path folder = (program / way).lexically_normal(); fs::exists(folder / "ringfence/proof/__init__.py"))
      return folder.string();
  return {};
}

std::string_view stage_word(MigrateOptions::Stage stage) {
  using Stage = MigrateOptions::Stage;
  switch (stage) {
  case Stage::slots:
    return "slots";
  case Stage::multi_phase:
    return "multi-phase";
  case Stage::heap_types:
    return "heap-types";
  case Stage::module_state:
    return "module-state";
  case Stage::claims:
    return "claims";
  case Stage::isolated:
    break;
  }
  return "isolated";
}

} // namespace

int prove(const MigrateOptions &options) {
  const ProveOptions &prove = options.prove;
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const std::string python = find_program("python3");
  if (python.empty())
    return report_error(Error{"--prove needs python3 on PATH"});
  std::vector<std::string> words = {python,
                                    "-c",
                                    launch,
                                    package_folder(program),
                                    options.analysis.source.path,
                                    "--to",
                                    std::string(stage_word(options.stage)),
                                    "--analyser",
                                    program.string(),
                                    "--report",
                                    prove.report};
  const auto add = [&](const char *option, const std::vector<std::string> &values) {
    for (const std::string &value : values)
      if (!value.empty())
        words.push_back(std::string(option) + "=" + value); // a value may begin with a dash
  };
  if (options.stage == MigrateOptions::Stage::isolated)
    add("--state", {options.state == MigrateOptions::State::module ? "module" : "slots"});
  add("--only", options.only);
  add("--module", options.modules);
  add("--build", {prove.build});
  add("--test", {prove.test});
  add("--adjust", {prove.adjust});
  add("--exercise", {prove.exercise});
  add("--make", prove.makes);
  add("--on", prove.pythons);
  add("--requires", prove.requirements);
  add("--limit", {prove.limit});
  std::vector<char *> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::cout.flush();
  execv(python.c_str(), arguments.data());
  return report_error(Error{"cannot start " + python});
}

} // namespace ringfence
