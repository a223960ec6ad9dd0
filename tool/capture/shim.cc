#include "capture/shim.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "capture/capture_folder.h"
#include "capture/capture_log.h"
#include "source/command_line.h"

namespace ringfence {
namespace {

// The path that was given to execve(): a build may clear the environment and choose any argv[0].
std::string started_as() {
  const auto *name = reinterpret_cast<const char *>(getauxval(AT_EXECFN));
  return name == nullptr ? "" : name;
}

// The folder of the capture that a shim belongs to; empty where `shim` is none.
std::string capture_folder_of(const std::string &shim) {
  if (shim.starts_with('/'))
    for (const std::string &folder : {parent_folder(shim), parent_folder(parent_folder(shim))})
      if (file_name(folder).starts_with(folder_prefix) &&
          access((folder + "/" + std::string(log_name)).c_str(), W_OK) == 0)
        return folder;
  return "";
}

// The symlink to the real program, beside the shim; empty where `shim` is none.
std::string real_link(const std::string &shim) {
  if (capture_folder_of(shim).empty())
    return "";
  const std::string link = parent_folder(shim) + "/" + std::string(real_folder) + "/" + std::string(file_name(shim));
  return access(link.c_str(), X_OK) == 0 ? link : "";
}

std::string target_of(const std::string &link) {
  std::string target(4096, '\0');
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return target;
}

// What the real program starts is not recorded again: a launcher's compiler, a driver's own passes.
void leave_path(std::string_view folder) {
  const char *path = std::getenv("PATH");
  std::vector<std::string> kept;
  for (const std::string_view entry : split(path == nullptr ? "" : path, ':'))
    if (entry != folder)
      kept.emplace_back(entry);
  setenv("PATH", join(kept, ":").c_str(), 1);
}

// One write: lines of parallel shims do not mix in a file that is open for appending.
bool append_line(const std::string &log, const std::string &line) {
  const int descriptor = open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  const bool complete = write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  close(descriptor);
  return complete;
}

} // namespace

bool is_shim_invocation() { return !real_link(started_as()).empty(); }

int run_shim(int argc, char **argv) {
  const std::string shim = started_as(), real = target_of(real_link(shim)), folder = capture_folder_of(shim);
  RecordedCommand command;
  command.directory = working_directory();
  command.arguments = {real};
  std::vector<std::string> compilers; // keeps replaced words alive
  compilers.reserve(static_cast<std::size_t>(argc));
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '/') // a launcher's compiler, of CC or CXX
      if (const std::string link = real_link(argv[i]); !link.empty())
        argv[i] = compilers.emplace_back(target_of(link)).data();
    command.arguments.emplace_back(argv[i]);
  }
  std::vector<std::string> notes; // the compiler will say it better
  command.arguments = expand_response_files(std::move(command.arguments), command.directory, DiskFileSystem(), notes);
  if (!append_line(folder + "/" + std::string(log_name), encode_line(command)))
    std::fprintf(stderr, "ringfence: could not record a command: %s\n", std::strerror(errno));
  leave_path(folder);
  argv[0] = const_cast<char *>(real.c_str());
  execv(real.c_str(), argv);
  std::fprintf(stderr, "ringfence: cannot run %s: %s\n", real.c_str(), std::strerror(errno));
  return 127;
}

} // namespace ringfence
