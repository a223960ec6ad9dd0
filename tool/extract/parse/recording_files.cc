#include "extract/parse/recording_files.h"

#include "base/hash.h"

namespace ringfence {
namespace {

// A hash says more than that something is there; two states that disagree make the path a changing one.
void note(Dependencies &seen, const std::string &path, const std::string &state) {
  const auto [entry, fresh] = seen.try_emplace(path, state);
  if (!fresh && entry->second != state && state != path_present)
    entry->second = entry->second == path_present ? state : path_changing;
}

class RecordedFile final : public llvm::vfs::File {
public:
  RecordedFile(std::unique_ptr<File> file, std::string path, Dependencies &seen)
      : file_(std::move(file)), path_(std::move(path)), seen_(seen) {}

  llvm::ErrorOr<llvm::vfs::Status> status() override { return file_->status(); }
  llvm::ErrorOr<std::string> getName() override { return file_->getName(); }
  std::error_code close() override { return file_->close(); }

  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, std::int64_t size,
                                                               bool null_terminated, bool is_volatile) override {
    auto buffer = file_->getBuffer(name, size, null_terminated, is_volatile);
    note(seen_, path_, buffer ? hash_hex((*buffer)->getBuffer()) : path_absent);
    return buffer;
  }

private:
  std::unique_ptr<File> file_;
  std::string path_; // absolute
  Dependencies &seen_;
};

class RecordingFiles final : public llvm::vfs::ProxyFileSystem {
public:
  RecordingFiles(llvm::IntrusiveRefCntPtr<FileSystem> files, Dependencies &seen)
      : ProxyFileSystem(std::move(files)), seen_(seen) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &path) override {
    auto status = ProxyFileSystem::status(path);
    note(seen_, absolute(path), status ? path_present : path_absent);
    return status;
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    auto file = ProxyFileSystem::openFileForRead(path);
    std::string place = absolute(path);
    note(seen_, place, file ? path_present : state_of(file.getError(), place));
    if (!file)
      return file;
    return std::make_unique<RecordedFile>(std::move(*file), std::move(place), seen_);
  }

  llvm::vfs::directory_iterator dir_begin(const llvm::Twine &path, std::error_code &error) override {
    const std::string place = absolute(path);
    note(seen_, place, listing_state(DiskFileSystem(), place));
    return ProxyFileSystem::dir_begin(path, error);
  }

private:
  // Of a file that could not be opened: one that is refused (extract/parse/regular_files.h) is there all the same.
  static std::string state_of(std::error_code error, const std::string &place) {
    if (error == std::errc::file_too_large)
      return path_changing;
    return error == std::errc::operation_not_permitted ? refused_state(DiskFileSystem(), place) : path_absent;
  }

  std::string absolute(const llvm::Twine &path) {
    llvm::SmallString<256> result;
    path.toVector(result);
    makeAbsolute(result);
    return std::string(result);
  }

  Dependencies &seen_;
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> recording(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                          Dependencies &seen) {
  return llvm::makeIntrusiveRefCnt<RecordingFiles>(std::move(files), seen);
}

} // namespace ringfence
