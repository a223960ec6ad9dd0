#include "extract/parse/given_files.h"

#include <llvm/ADT/Hashing.h>
#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Path.h>

namespace ringfence {
namespace {

using llvm::vfs::Status;

class GivenFile final : public llvm::vfs::File {
public:
  GivenFile(Status status, std::string content) : status_(std::move(status)), content_(std::move(content)) {}

  llvm::ErrorOr<Status> status() override { return status_; }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, int64_t, bool, bool) override {
    return llvm::MemoryBuffer::getMemBufferCopy(content_, name);
  }
  std::error_code close() override { return {}; }

private:
  Status status_;
  std::string content_;
};

class GivenFiles final : public llvm::vfs::FileSystem {
public:
  explicit GivenFiles(const ringfence::FileSystem &files) : files_(files) {}

  llvm::ErrorOr<Status> status(const llvm::Twine &path) override {
    const std::string name = absolute(path);
    if (files_.type(name) == FileType::directory)
      return status_of(path, name, 0, llvm::sys::fs::file_type::directory_file);
    auto file = openFileForRead(path); // Clang compares the size that it is told with the one that it reads
    return file ? (*file)->status() : file.getError();
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    const std::string name = absolute(path);
    if (files_.type(name) != FileType::regular)
      return std::make_error_code(std::errc::no_such_file_or_directory);
    Result<std::string> content = files_.read(name);
    if (!content)
      return std::make_error_code(std::errc::io_error);
    Status status = status_of(path, name, content->size(), llvm::sys::fs::file_type::regular_file);
    return std::make_unique<GivenFile>(std::move(status), std::move(*content));
  }

  llvm::vfs::directory_iterator dir_begin(const llvm::Twine &, std::error_code &error) override {
    error = std::make_error_code(std::errc::operation_not_supported);
    return {};
  }

  std::error_code setCurrentWorkingDirectory(const llvm::Twine &path) override {
    std::string name = absolute(path);
    if (files_.type(name) != FileType::directory)
      return std::make_error_code(std::errc::no_such_file_or_directory);
    folder_ = std::move(name);
    return {};
  }
  llvm::ErrorOr<std::string> getCurrentWorkingDirectory() const override { return folder_; }

private:
  std::string absolute(const llvm::Twine &path) const {
    llvm::SmallString<256> name;
    path.toVector(name);
    llvm::sys::fs::make_absolute(folder_, name);
    llvm::sys::path::remove_dots(name, /*remove_dot_dot=*/true);
    return name.str().str();
  }

  // A file is known by its absolute path.
  static Status status_of(const llvm::Twine &path, const std::string &name, std::size_t size,
                          llvm::sys::fs::file_type type) {
    return {path, {0, llvm::hash_value(name)}, {}, 0, 0, size, type, llvm::sys::fs::perms::all_all};
  }

  const ringfence::FileSystem &files_;
  std::string folder_ = "/";
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> given_files(const FileSystem &files) {
  return llvm::makeIntrusiveRefCnt<GivenFiles>(files);
}

} // namespace ringfence
