#include "capture/capture.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "base/write_file.h"
#include "capture/capture_folder.h"
#include "capture/capture_log.h"

namespace ringfence {
namespace {

constexpr int usage_error = 2;

int complain(const std::string &message) {
  std::fprintf(stderr, "ringfence: %s\n", escape_terminal(message).c_str());
  return usage_error;
}

// A key press ends the build, not the recording of what it did until then.
class IgnoredSignals {
public:
  IgnoredSignals() : interrupt_(signal(SIGINT, SIG_IGN)), quit_(signal(SIGQUIT, SIG_IGN)) {}
  ~IgnoredSignals() {
    signal(SIGINT, interrupt_);
    signal(SIGQUIT, quit_);
  }

private:
  sighandler_t interrupt_, quit_;
};

volatile pid_t build_process = 0;
volatile sig_atomic_t ended_by = 0;

// Ends the build: then this process writes what was recorded and leaves nothing behind.
void pass_on(int number) {
  ended_by = number;
  if (build_process > 0)
    kill(build_process, number);
}

// Starts the build with the signals that this process ignores at their defaults. 0 or an errno.
int start(const std::vector<std::string> &command, pid_t &pid) {
  std::vector<char *> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string &word : command)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  sigset_t defaults;
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGINT);
  sigaddset(&defaults, SIGQUIT);
  sigaddset(&defaults, SIGPIPE); // main() ignores it
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  const int error = posix_spawnp(&pid, arguments.front(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

Result<int> run_build(const std::vector<std::string> &command) {
  const IgnoredSignals ignored;
  for (const int number : {SIGTERM, SIGHUP})
    if (signal(number, pass_on) == SIG_IGN) // nohup
      signal(number, SIG_IGN);
  pid_t pid = 0;
  if (const int error = start(command, pid); error != 0)
    return fail("cannot run " + command.front() + ": " + std::strerror(error));
  build_process = pid;
  if (ended_by != 0)
    kill(pid, ended_by);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return fail("lost the build: " + std::string(std::strerror(errno)));
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// "the build failed (exit code 1)"
std::string failure_text(int code) {
  return code > 128 ? "the build was ended by signal " + std::to_string(code - 128)
                    : "the build failed (exit code " + std::to_string(code) + "), as its last lines above say";
}

std::string nothing_recorded(int build) {
  if (build != 0)
    return failure_text(build) + ", before it compiled anything: nothing was recorded";
  return "no compile command was recorded: the build had nothing to compile (clean it first), or calls its compiler by "
         "an absolute path (set CC and CXX instead). For a Python project this compiles all anew: ringfence capture -- "
         "python3 -m pip wheel . --no-build-isolation --no-deps";
}

// Writes what the log holds. An empty database would only hide the one of an earlier build. `build`: its exit code.
Result<std::size_t> write_database(const std::string &log, const std::string &output, int build) {
  const DiskFileSystem files;
  const auto text = files.read(log);
  if (!text)
    return tl::unexpected(text.error());
  std::size_t damaged = 0, entries = 0;
  const std::string database = encode_database(decode_log(*text, damaged), files, entries);
  if (damaged > 0)
    complain(count_of(damaged, "recorded command") + " could not be read");
  if (entries == 0)
    return fail(nothing_recorded(build));
  if (const auto written = write_file(output, database); !written)
    return tl::unexpected(written.error());
  return entries;
}

} // namespace

int capture(const CaptureOptions &options) {
  if (options.command.empty())
    return complain("capture needs a build command: ringfence capture -- make");
  const std::string output = absolute_path(options.output, working_directory());
  if (access(parent_folder(output).c_str(), W_OK) != 0)
    return complain("cannot write " + output + ": " + std::strerror(errno));
  const auto folder = CaptureFolder::make();
  if (!folder)
    return complain(folder.error().message);
  folder->enter_environment();
  const auto build = run_build(options.command);
  if (!build)
    return complain(build.error().message);
  const auto entries = write_database(folder->log(), output, *build);
  if (entries)
    std::fprintf(stderr, "ringfence: recorded %s in %s\n", count_of(*entries, "compile command").c_str(),
                 escape_terminal(options.output).c_str());
  else
    complain(entries.error().message);
  if (entries && *build != 0)
    complain(failure_text(*build) +
             ": what it would have compiled after that is not in the record, and a scan by it reads a "
             "part");
  return *build != 0 || entries ? *build : usage_error;
}

} // namespace ringfence
