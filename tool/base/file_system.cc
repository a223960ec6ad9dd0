#include "base/file_system.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>

#include <dirent.h>
#include <sys/stat.h>

namespace ringfence {
namespace {

tl::unexpected<Error> fail_errno(const std::string &what, const std::string &path) {
  return fail("cannot " + what + " " + path + ": " + std::strerror(errno));
}

constexpr off_t too_large = off_t{1} << 30;

FileType type_of_mode(mode_t mode) {
  if (S_ISREG(mode))
    return FileType::regular;
  if (S_ISDIR(mode))
    return FileType::directory;
  return S_ISLNK(mode) ? FileType::symlink : FileType::other;
}

// The folder's list says it on most file systems; links are not followed.
FileType type_of_entry(const std::string &folder, const dirent &entry) {
  if (entry.d_type != DT_UNKNOWN)
    return type_of_mode(DTTOIF(entry.d_type));
  struct stat status;
  return lstat((folder + "/" + entry.d_name).c_str(), &status) == 0 ? type_of_mode(status.st_mode) : FileType::other;
}

} // namespace

Result<std::string> DiskFileSystem::read(const std::string &path) const {
  // Opening a pipe would wait for a writer, and a device may never end.
  struct stat status;
  const bool found = stat(path.c_str(), &status) == 0;
  if (found && !S_ISREG(status.st_mode))
    return fail("cannot read " + path + ": it is " + (S_ISDIR(status.st_mode) ? "a directory" : "no regular file"));
  if (found && status.st_size >= too_large)
    return fail("cannot read " + path + ": it has a gigabyte or more");
  std::ifstream in(path, std::ios::binary);
  if (!in)
    return fail_errno("read", path);
  std::string content;
  std::size_t size = 0, room = found ? static_cast<std::size_t>(status.st_size) + 1 : 1; // some files say 0
  for (; in; room = std::max<std::size_t>(2 * size, 4096)) {
    content.resize(room);
    in.read(content.data() + size, static_cast<std::streamsize>(room - size));
    size += static_cast<std::size_t>(in.gcount());
  }
  content.resize(size);
  if (in.bad())
    return fail_errno("read", path);
  return content;
}

FileType DiskFileSystem::type(const std::string &path) const {
  struct stat status;
  return stat(path.c_str(), &status) == 0 ? type_of_mode(status.st_mode) : FileType::missing;
}

Result<std::vector<DirectoryEntry>> DiskFileSystem::list(const std::string &path) const {
  std::unique_ptr<DIR, int (*)(DIR *)> directory(opendir(path.c_str()), closedir);
  if (!directory)
    return fail_errno("list", path);
  std::vector<DirectoryEntry> entries;
  errno = 0;
  while (const dirent *entry = readdir(directory.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..")
      continue;
    const FileType found = type_of_entry(path, *entry);
    entries.push_back({std::move(name), found});
    errno = 0;
  }
  if (errno != 0)
    return fail_errno("list", path);
  std::sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
  return entries;
}

Result<std::string> DiskFileSystem::real_path(const std::string &path) const {
  std::unique_ptr<char, void (*)(void *)> resolved(realpath(path.c_str(), nullptr), std::free);
  if (!resolved)
    return fail_errno("resolve", path);
  return std::string(resolved.get());
}

Result<std::string> MemoryFileSystem::read(const std::string &path) const {
  if (fail_in_ > 0 && --fail_in_ == 0)
    return fail("cannot read " + path + ": Input/output error");
  const auto found = files_.find(path);
  if (found == files_.end())
    return fail("cannot read " + path + ": No such file or directory");
  return found->second;
}

FileType MemoryFileSystem::type(const std::string &path) const {
  if (files_.contains(path))
    return FileType::regular;
  const std::string prefix = path == "/" ? path : path + "/";
  const auto next = files_.lower_bound(prefix);
  return next != files_.end() && next->first.starts_with(prefix) ? FileType::directory : FileType::missing;
}

Result<std::vector<DirectoryEntry>> MemoryFileSystem::list(const std::string &path) const {
  if (type(path) != FileType::directory)
    return fail("cannot list " + path + ": Not a directory");
  const std::string prefix = path == "/" ? path : path + "/";
  std::map<std::string, FileType> entries;
  for (auto file = files_.lower_bound(prefix); file != files_.end() && file->first.starts_with(prefix); ++file) {
    const std::string rest = file->first.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    entries.emplace(rest.substr(0, slash), slash == std::string::npos ? FileType::regular : FileType::directory);
  }
  std::vector<DirectoryEntry> result;
  result.reserve(entries.size());
  for (const auto &[name, entry_type] : entries)
    result.push_back({name, entry_type});
  return result;
}

Result<std::string> MemoryFileSystem::real_path(const std::string &path) const {
  if (type(path) == FileType::missing)
    return fail("cannot resolve " + path + ": No such file or directory");
  return path;
}

} // namespace ringfence
