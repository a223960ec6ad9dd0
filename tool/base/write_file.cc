#include "base/write_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

namespace ringfence {
namespace {

tl::unexpected<Error> fail_errno(const std::string &path, int error) {
  return fail("cannot write " + path + ": " + std::strerror(error));
}

// 0 or an errno. Closes the descriptor.
int write_all(int descriptor, std::string_view content) {
  int error = 0;
  while (!content.empty() && error == 0) {
    const ssize_t written = write(descriptor, content.data(), content.size());
    if (written >= 0)
      content.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      error = errno;
  }
  if (close(descriptor) != 0 && error == 0)
    error = errno;
  return error;
}

// mkstemp makes files that only their owner can read; an output is an ordinary file.
mode_t ordinary_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

int replace(const std::string &path, std::string_view content) {
  std::string temporary = path + ".XXXXXX";
  const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0)
    return errno;
  struct stat old;
  fchmod(descriptor, stat(path.c_str(), &old) == 0 ? old.st_mode & 0777 : ordinary_mode());
  int error = write_all(descriptor, content);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0)
    error = errno;
  if (error != 0)
    unlink(temporary.c_str());
  return error;
}

} // namespace

Result<void> check_editable(const std::string &path, const std::string &folder) {
  struct stat status;
  const bool exists = lstat(path.c_str(), &status) == 0;
  char *resolved = realpath(parent_folder(path).c_str(), nullptr);
  const bool inside = resolved != nullptr && path_below(resolved, folder).has_value();
  std::free(resolved);
  if (!inside || (exists && !S_ISREG(status.st_mode)))
    return fail(path + " is no regular file inside the tree, or is reached through a link: it is not edited");
  return {};
}

Result<void> write_file(const std::string &path, std::string_view content) {
  struct stat status;
  int error = 0;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    error = descriptor < 0 ? errno : write_all(descriptor, content);
  } else {
    char *resolved = realpath(path.c_str(), nullptr);
    error = replace(resolved == nullptr ? path : resolved, content);
    std::free(resolved);
  }
  if (error != 0)
    return fail_errno(path, error);
  return {};
}

} // namespace ringfence
