#include "extract/shared/main_file_dependence.h"

#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>

namespace ringfence {
namespace {

class MainFileUses final : public clang::PPCallbacks {
public:
  MainFileUses(const FileTable &files, bool &fits) : files_(files), fits_(fits) {}

  void MacroExpands(const clang::Token &name, const clang::MacroDefinition &definition, clang::SourceRange,
                    const clang::MacroArgs *) override {
    if (!definition.getMacroInfo()->isBuiltinMacro())
      return;
    const llvm::StringRef word = name.getIdentifierInfo()->getName();
    if (word == "__INCLUDE_LEVEL__" || word == "__BASE_FILE__" ||
        (word == "__has_include_next" && files_.in_main_file(name.getLocation())))
      fits_ = false;
  }

  void InclusionDirective(clang::SourceLocation place, const clang::Token &directive, llvm::StringRef, bool,
                          clang::CharSourceRange, clang::OptionalFileEntryRef, llvm::StringRef, llvm::StringRef,
                          const clang::Module *, bool, clang::SrcMgr::CharacteristicKind) override {
    if (directive.getIdentifierInfo()->getName() == "include_next" && files_.in_main_file(place))
      fits_ = false;
  }

  void FileChanged(clang::SourceLocation place, FileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                   clang::FileID) override {
    if (reason == SystemHeaderPragma && files_.in_main_file(place))
      fits_ = false;
  }

private:
  const FileTable &files_;
  bool &fits_;
};

} // namespace

void watch_main_file_uses(clang::Preprocessor &preprocessor, const FileTable &files, bool &fits) {
  preprocessor.addPPCallbacks(std::make_unique<MainFileUses>(files, fits));
}

} // namespace ringfence
