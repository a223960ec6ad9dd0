#include "extract/parse/windows.h"

#include <algorithm>

#include <llvm/ADT/StringExtras.h>
#include <llvm/Support/Path.h>
#include <nlohmann/json.hpp>

#include "extract/parse/python_names.h"
#include "source/worlds.h"

namespace ringfence {
namespace {

using llvm::vfs::Status;

// A file with another text.
class ReplacedFile final : public llvm::vfs::File {
public:
  ReplacedFile(std::unique_ptr<File> file, const std::string &text) : file_(std::move(file)), text_(text) {}

  llvm::ErrorOr<Status> status() override {
    auto status = file_->status();
    return status ? Status::copyWithNewSize(*status, text_.size()) : status;
  }
  llvm::ErrorOr<std::string> getName() override { return file_->getName(); }
  std::error_code close() override { return file_->close(); }
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> getBuffer(const llvm::Twine &name, std::int64_t, bool,
                                                               bool) override {
    return llvm::MemoryBuffer::getMemBufferCopy(text_, name);
  }

private:
  std::unique_ptr<File> file_;
  const std::string text_;
};

class WindowsFiles final : public llvm::vfs::ProxyFileSystem {
public:
  WindowsFiles(llvm::IntrusiveRefCntPtr<FileSystem> files, std::string configuration)
      : ProxyFileSystem(std::move(files)), configuration_(std::move(configuration)) {}

  llvm::ErrorOr<Status> status(const llvm::Twine &path) override {
    auto status = ProxyFileSystem::status(path);
    if (!status)
      status = ProxyFileSystem::status(in_lower_case(path));
    return status && is_configuration(path) ? Status::copyWithNewSize(*status, configuration_.size()) : status;
  }

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    auto file = ProxyFileSystem::openFileForRead(path);
    if (!file)
      file = ProxyFileSystem::openFileForRead(in_lower_case(path));
    if (!file || !is_configuration(path))
      return file;
    return std::make_unique<ReplacedFile>(std::move(*file), configuration_);
  }

private:
  static bool is_configuration(const llvm::Twine &path) {
    return llvm::sys::path::filename(path.str()) == "pyconfig.h";
  }

  static std::string in_lower_case(const llvm::Twine &path) {
    std::string text = path.str();
    const std::size_t name = text.size() - llvm::sys::path::filename(text).size();
    return text.substr(0, name) + llvm::StringRef(text).substr(name).lower();
  }

  const std::string configuration_;
};

// What CPython's own tree says in PC/pyconfig.h.
std::string configuration_of(const CompileUnit &unit, llvm::vfs::FileSystem &files) {
  for (const llvm::StringRef argument : unit.arguments)
    if (argument.starts_with("-I") && argument.ends_with("/PC"))
      for (const char *name : {"/pyconfig.h", "/pyconfig.h.in"})
        if (const auto text = files.getBufferForFile((argument.substr(2) + name).str()))
          return (*text)->getBuffer().str();
  return {};
}

} // namespace

bool is_for_windows(const CompileUnit &unit) {
  return std::find(unit.arguments.begin(), unit.arguments.end(), windows_target) != unit.arguments.end();
}

std::vector<std::string> windows_arguments() {
  std::vector<std::string> arguments;
  const nlohmann::json table = nlohmann::json::parse(embedded_python_names());
  for (const auto &[name, value] : table.at("windows_macros").items())
    arguments.push_back("-D" + name + "=" + value.get<std::string>());
  return arguments;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> windows_files(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                              const CompileUnit &unit) {
  std::string configuration = configuration_of(unit, *files);
  return llvm::makeIntrusiveRefCnt<WindowsFiles>(std::move(files), std::move(configuration));
}

} // namespace ringfence
