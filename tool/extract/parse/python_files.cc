#include "extract/parse/python_files.h"

#include <llvm/Support/Path.h>

#include "base/path.h"
#include "extract/parse/python_names.h"

namespace ringfence {
namespace {

using llvm::vfs::Status;

class LongerFile final : public llvm::vfs::File {
public:
  LongerFile(std::unique_ptr<File> file, const std::string &more) : file_(std::move(file)), more_(more) {}

  llvm::ErrorOr<Status> status() override {
    auto status = file_->status();
    return status ? Status::copyWithNewSize(*status, status->getSize() + more_.size()) : status;
  }
  llvm::ErrorOr<std::string> getName() override { return file_->getName(); }
  std::error_code close() override { return file_->close(); }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, std::int64_t, bool null,
                                                               bool is_volatile) override {
    auto buffer = file_->getBuffer(name, -1, null, is_volatile);
    if (!buffer)
      return buffer;
    return llvm::MemoryBuffer::getMemBufferCopy((*buffer)->getBuffer().str() + more_, name);
  }

private:
  std::unique_ptr<File> file_;
  const std::string &more_;
};

class PythonFiles final : public llvm::vfs::ProxyFileSystem {
public:
  PythonFiles(llvm::IntrusiveRefCntPtr<FileSystem> files, const ProjectPaths &paths, const std::string &names)
      : ProxyFileSystem(std::move(files)), paths_(paths), more_(python_of_another_version() + names) {}

  llvm::ErrorOr<Status> status(const llvm::Twine &path) override {
    auto status = ProxyFileSystem::status(path);
    return status && says_more(path) ? Status::copyWithNewSize(*status, status->getSize() + more_.size()) : status;
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    auto file = ProxyFileSystem::openFileForRead(path);
    if (!file || !says_more(path))
      return file;
    return std::make_unique<LongerFile>(std::move(*file), more_);
  }

private:
  bool says_more(const llvm::Twine &path) const {
    llvm::SmallString<256> name;
    path.toVector(name);
    if (llvm::sys::path::filename(name) != "Python.h")
      return false;
    makeAbsolute(name);
    llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
    return !path_below(std::string(name), paths_.root) &&
           (paths_.build.empty() || !path_below(std::string(name), paths_.build));
  }

  const ProjectPaths paths_;
  const std::string more_;
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> with_python_names(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                                  const ProjectPaths &paths, std::string names) {
  return llvm::makeIntrusiveRefCnt<PythonFiles>(std::move(files), paths, names);
}

} // namespace ringfence
