#include "base/process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

constexpr std::size_t max_output = 1u << 20;

// Starts the program with its standard output at the pipe's end `out`. 0 or an errno.
int start(const std::vector<std::string> &words, int out, pid_t &pid) {
  std::vector<char *> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
  const int error = posix_spawn(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Reads until the end; false where the limits are passed.
bool read_all(int in, std::chrono::milliseconds limit, std::string &output) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{in, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      return false;
    char buffer[4096];
    const ssize_t size = read(in, buffer, sizeof buffer);
    if (size <= 0)
      return size == 0;
    output.append(buffer, static_cast<std::size_t>(size));
    if (output.size() > max_output)
      return false;
  }
}

} // namespace

Result<std::string> output_of(const std::vector<std::string> &words, std::chrono::milliseconds limit) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return fail("cannot run " + words.front() + ": " + std::strerror(errno));
  pid_t pid = 0;
  const int error = start(words, ends[1], pid);
  close(ends[1]);
  std::string output;
  const bool complete = error == 0 && read_all(ends[0], limit, output);
  close(ends[0]);
  if (error != 0)
    return fail("cannot run " + words.front() + ": " + std::strerror(error));
  if (!complete)
    kill(pid, SIGKILL);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!complete)
    return fail(words.front() + " printed too much or did not end in time");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return fail(words.front() + " failed");
  return output;
}

std::string find_program(const std::string &name) {
  if (name.find('/') != std::string::npos) {
    char *resolved =
        realpath(name.c_str(), nullptr); // only to see that it exists: a virtual environment's link stays a link
    if (resolved == nullptr)
      return "";
    std::free(resolved);
    char *directory = getcwd(nullptr, 0);
    const std::string absolute = absolute_path(name, directory == nullptr ? "/" : directory);
    std::free(directory);
    return absolute;
  }
  const char *path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path, ':')) {
    if (!folder.starts_with('/'))
      continue;
    std::string candidate = absolute_path(name, folder);
    if (access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return "";
}

} // namespace ringfence
