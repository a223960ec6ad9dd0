#include "extract/shared/main_file_dependence.h"

#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>

namespace ringfence {
namespace {

class MainFileDependence final : public clang::PPCallbacks {
public:
  MainFileDependence(const FileTable &files, bool &same_as_plain) : files_(files), same_as_plain_(same_as_plain) {}

  void MacroExpands(const clang::Token &name, const clang::MacroDefinition &definition, clang::SourceRange,
                    const clang::MacroArgs *) override {
    if (!definition.getMacroInfo()->isBuiltinMacro())
      return;
    const llvm::StringRef word = name.getIdentifierInfo()->getName();
    if (word == "__INCLUDE_LEVEL__" || word == "__BASE_FILE__" ||
        (word == "__has_include_next" && files_.in_main_file(name.getLocation())))
      same_as_plain_ = false;
  }

  void InclusionDirective(clang::SourceLocation place, const clang::Token &directive, llvm::StringRef, bool,
                          clang::CharSourceRange, clang::OptionalFileEntryRef, llvm::StringRef, llvm::StringRef,
                          const clang::Module *, bool, clang::SrcMgr::CharacteristicKind) override {
    if (directive.getIdentifierInfo()->getName() == "include_next" && files_.in_main_file(place))
      same_as_plain_ = false;
  }

  void FileChanged(clang::SourceLocation place, FileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                   clang::FileID) override {
    if (reason == SystemHeaderPragma && files_.in_main_file(place))
      same_as_plain_ = false;
  }

private:
  const FileTable &files_;
  bool &same_as_plain_;
};

} // namespace

void detect_main_file_dependence(clang::Preprocessor &preprocessor, const FileTable &files, bool &same_as_plain) {
  preprocessor.addPPCallbacks(std::make_unique<MainFileDependence>(files, same_as_plain));
}

} // namespace ringfence
