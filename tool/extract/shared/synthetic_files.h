// Files that exist for one parse alone, above those of the machine.
#pragma once

#include <functional>
#include <map>
#include <string>

#include <llvm/Support/VirtualFileSystem.h>

namespace ringfence {

class SyntheticFiles final : public llvm::vfs::ProxyFileSystem {
public:
  using Change = std::function<std::string(std::string)>;

  // `folder`: absolute; a folder that exists nowhere else and holds nothing but these.
  SyntheticFiles(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, std::string folder);

  void add(const std::string &path, std::string text) { texts_[path] = std::move(text); }
  // Calls `answer`, once, when someone first asks for that file; it adds it.
  void add_later(const std::string &path, std::function<void()> answer);
  // A file of the machine is read as `change` makes it; its size must stay.
  void edit(const std::string &path, Change change) { edits_[path] = std::move(change); }

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &path) override;
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override;

private:
  // Null where it is a file of the machine.
  const std::string *text_of(const std::string &path);

  std::string folder_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::function<void()>> later_;
  std::map<std::string, Change> edits_;
};

} // namespace ringfence
