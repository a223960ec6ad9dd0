#include "extract/shared/synthetic_files.h"

namespace ringfence {
namespace {

using llvm::vfs::Status;

Status virtual_status(const std::string &path, std::size_t size, llvm::sys::fs::file_type type) {
  return Status(path, llvm::vfs::getNextVirtualUniqueID(), llvm::sys::TimePoint<>(), 0, 0, size, type,
                llvm::sys::fs::all_read);
}

class Piece final : public llvm::vfs::File {
public:
  Piece(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {}

  llvm::ErrorOr<Status> status() override {
    return virtual_status(path_, text_.size(), llvm::sys::fs::file_type::regular_file);
  }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, std::int64_t, bool,
                                                               bool) override {
    return llvm::MemoryBuffer::getMemBufferCopy(text_, name);
  }
  std::error_code close() override { return {}; }

private:
  std::string path_, text_;
};

class EditedFile final : public llvm::vfs::File {
public:
  EditedFile(std::unique_ptr<File> file, const SyntheticFiles::Change &change)
      : file_(std::move(file)), change_(change) {}

  llvm::ErrorOr<Status> status() override { return file_->status(); }
  llvm::ErrorOr<std::string> getName() override { return file_->getName(); }
  std::error_code close() override { return file_->close(); }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, std::int64_t size,
                                                               bool null_terminated, bool is_volatile) override {
    auto buffer = file_->getBuffer(name, size, null_terminated, is_volatile);
    if (!buffer)
      return buffer;
    return llvm::MemoryBuffer::getMemBufferCopy(change_((*buffer)->getBuffer().str()), name);
  }

private:
  std::unique_ptr<File> file_;
  const SyntheticFiles::Change &change_;
};

} // namespace

SyntheticFiles::SyntheticFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, std::string folder)
    : ProxyFileSystem(std::move(files)), folder_(std::move(folder)) {}

void SyntheticFiles::add_later(const std::string &path, std::function<void()> answer) {
  later_[path] = std::move(answer);
}

const std::string *SyntheticFiles::text_of(const std::string &path) {
  if (auto asked = later_.extract(path))
    asked.mapped()();
  const auto found = texts_.find(path);
  return found == texts_.end() ? nullptr : &found->second;
}

llvm::ErrorOr<Status> SyntheticFiles::status(const llvm::Twine &path) {
  const std::string name = path.str();
  if (const std::string *text = text_of(name))
    return virtual_status(name, text->size(), llvm::sys::fs::file_type::regular_file);
  if (name == folder_)
    return virtual_status(name, 0, llvm::sys::fs::file_type::directory_file);
  if (name.starts_with(folder_))
    return std::make_error_code(std::errc::no_such_file_or_directory);
  return ProxyFileSystem::status(path);
}

llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> SyntheticFiles::openFileForRead(const llvm::Twine &path) {
  const std::string name = path.str();
  if (const std::string *text = text_of(name))
    return std::make_unique<Piece>(name, *text);
  if (name.starts_with(folder_))
    return std::make_error_code(std::errc::no_such_file_or_directory);
  auto file = ProxyFileSystem::openFileForRead(path);
  const auto edit = edits_.find(name);
  if (!file || edit == edits_.end())
    return file;
  return std::make_unique<EditedFile>(std::move(*file), edit->second);
}

} // namespace ringfence
