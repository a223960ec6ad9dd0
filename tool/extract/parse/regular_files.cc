#include "extract/parse/regular_files.h"

#include <llvm/Support/Path.h>

#include "source/normalise.h"

namespace ringfence {
namespace {

bool is_below(llvm::StringRef path, const std::string &folder) {
  return !folder.empty() && path.starts_with(folder) && (folder == "/" || path.substr(folder.size()).starts_with("/"));
}

// C++'s own headers have names without an extension.
bool is_code(llvm::StringRef path) {
  return source_language(std::string_view(path)) || is_header(std::string_view(path)) || path.contains("/include/") ||
         path.contains("/c++/");
}

class RegularFiles final : public llvm::vfs::ProxyFileSystem {
public:
  explicit RegularFiles(const ProjectPaths &paths)
      : ProxyFileSystem(llvm::vfs::createPhysicalFileSystem()), root_(paths.root), build_(paths.build) {}

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    const auto status = getUnderlyingFS().status(path);
    if (!status)
      return status.getError();
    if (status->isOther())
      return std::make_error_code(std::errc::no_such_file_or_directory);
    if (status->isRegularFile() && status->getSize() > largest_source)
      return std::make_error_code(std::errc::file_too_large);
    auto file = ProxyFileSystem::openFileForRead(path);
    if (!file)
      return file;
    const llvm::ErrorOr<std::string> name = (*file)->getName(); // through all links
    if (name && !is_code(*name) && !is_below(*name, root_) && !is_below(*name, build_))
      return std::make_error_code(std::errc::operation_not_permitted);
    return file;
  }

private:
  const std::string root_, build_;
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> regular_files(const ProjectPaths &paths) {
  return llvm::makeIntrusiveRefCnt<RegularFiles>(paths);
}

} // namespace ringfence
