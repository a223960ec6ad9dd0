#include "extract/regular_files.h"

namespace ringfence {
namespace {

class RegularFiles final : public llvm::vfs::ProxyFileSystem {
public:
  RegularFiles() : ProxyFileSystem(llvm::vfs::createPhysicalFileSystem()) {}

  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    const auto status = getUnderlyingFS().status(path);
    if (!status)
      return status.getError();
    if (status->isOther())
      return std::make_error_code(std::errc::no_such_file_or_directory);
    return ProxyFileSystem::openFileForRead(path);
  }
};

} // namespace

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> regular_files() { return llvm::makeIntrusiveRefCnt<RegularFiles>(); }

} // namespace ringfence
