#include "capture/capture_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/text.h"
#include "source/command_line.h"
#include "source/normalise.h"

namespace ringfence {
namespace {

namespace fs = std::filesystem;

constexpr std::time_t abandoned_after = 60; // seconds: a capture that begins has not locked its log yet

bool is_shimmed(std::string_view name) { return is_compiler_name(name) || is_launcher_name(name); }

// A shim in `folder` for the real program, unless one of its name is there.
void add_shim(const fs::path &folder, const fs::path &real, const fs::path &self) {
  std::error_code ignored;
  fs::create_symlink(real, folder / real_folder / real.filename(), ignored);
  fs::create_symlink(self, folder / real.filename(), ignored);
}

// Folders of this user's captures that were killed.
void remove_abandoned(const fs::path &parent) {
  std::error_code error;
  for (const auto &entry : fs::directory_iterator(parent, error)) {
    struct stat status;
    if (!entry.path().filename().string().starts_with(folder_prefix) || lstat(entry.path().c_str(), &status) != 0 ||
        !S_ISDIR(status.st_mode) || status.st_uid != geteuid())
      continue;
    const int log = open((entry.path() / log_name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool abandoned = log >= 0 && flock(log, LOCK_EX | LOCK_NB) == 0 && fstat(log, &status) == 0 &&
                           std::time(nullptr) - status.st_mtime > abandoned_after;
    if (log >= 0)
      close(log);
    if (abandoned)
      fs::remove_all(entry.path(), error);
  }
}

std::vector<std::string_view> path_folders() {
  const char *path = std::getenv("PATH");
  return split(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path, ':');
}

// Of programs with one name, the first in PATH. Shims of a capture around this one are passed over: this one records.
void add_programs_of_path(const fs::path &folder, const fs::path &self) {
  const char *outer = std::getenv(capture_variable);
  for (const std::string_view entry : path_folders()) {
    if (!entry.starts_with('/') || (outer != nullptr && entry == outer))
      continue;
    std::error_code error;
    for (const auto &program : fs::directory_iterator(entry, error)) {
      const fs::path &real = program.path();
      if (is_shimmed(real.filename().string()) && access(real.c_str(), X_OK) == 0 && !fs::is_directory(real, error))
        add_shim(folder, real, self);
    }
  }
}

// CC and CXX may hold arguments and launchers: the words that are absolute compilers are led through shims of their
// own.
void redirect_variable(const char *variable, const fs::path &folder, const fs::path &self) {
  const char *value = std::getenv(variable);
  if (value == nullptr)
    return;
  std::string text = value;
  const auto words = split_command_line(text, Quoting::shell);
  for (const std::string &word : words.value_or(std::vector<std::string>{})) {
    const std::size_t at = text.find(word);
    if (!word.starts_with('/') || !is_shimmed(word) || access(word.c_str(), X_OK) != 0 || at == std::string::npos)
      continue;
    const fs::path own = folder / variable;
    fs::create_directories(own / real_folder);
    add_shim(own, word, self);
    text.replace(at, word.size(), (own / fs::path(word).filename()).string());
    break; // a launcher's shim records the whole command
  }
  setenv(variable, text.c_str(), 1);
}

} // namespace

std::string working_directory() {
  std::error_code error;
  const fs::path directory = fs::current_path(error);
  return error ? "/" : directory.string();
}

Result<CaptureFolder> CaptureFolder::make() {
  std::error_code error;
  fs::path parent = fs::temp_directory_path(error);
  if (error)
    parent = "/tmp";
  remove_abandoned(parent);
  std::string path = (parent / (std::string(folder_prefix) + "XXXXXX")).string();
  if (mkdtemp(path.data()) == nullptr)
    return fail("cannot make a temporary folder " + path + ": " + std::strerror(errno));
  CaptureFolder folder(std::move(path));
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (error)
    return fail("cannot find the program itself: " + error.message());
  fs::create_directory(fs::path(folder.path_) / real_folder, error);
  add_programs_of_path(folder.path_, self);
  folder.lock_ = open(folder.log().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (error || folder.lock_ < 0 || flock(folder.lock_, LOCK_EX | LOCK_NB) != 0)
    return fail("cannot write to the temporary folder " + folder.path_);
  return folder;
}

CaptureFolder::~CaptureFolder() {
  std::error_code ignored;
  if (!path_.empty())
    fs::remove_all(path_, ignored);
  if (lock_ >= 0)
    close(lock_);
}

void CaptureFolder::enter_environment() const {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  for (const char *variable : {"CC", "CXX"})
    redirect_variable(variable, path_, self);
  const char *path = std::getenv("PATH");
  setenv("PATH", (path_ + ":" + (path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path)).c_str(), 1);
  setenv(capture_variable, path_.c_str(), 1);
}

} // namespace ringfence
