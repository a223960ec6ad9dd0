#include "extract/shared/mid_parse_options.h"

#include <algorithm>

#include <clang/Lex/HeaderSearch.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <clang/Lex/PreprocessorOptions.h>

namespace ringfence {
namespace {

using Words = std::vector<std::string>;

// "NAME", "NAME(parameters)", and the value; "1" where none is given.
std::pair<std::string, std::string> macro_of(const std::string &option) {
  const std::size_t equals = option.find('=');
  return {option.substr(2, equals == option.npos ? equals : equals - 2),
          equals == option.npos ? "1" : option.substr(equals + 1)};
}

std::string macro_name(const std::string &option) {
  const std::string macro = macro_of(option).first;
  return macro.substr(0, macro.find('('));
}

class LookedUpNames final : public clang::PPCallbacks {
public:
  void InclusionDirective(clang::SourceLocation, const clang::Token &, llvm::StringRef name, bool,
                          clang::CharSourceRange, clang::OptionalFileEntryRef, llvm::StringRef, llvm::StringRef,
                          const clang::Module *, bool, clang::SrcMgr::CharacteristicKind) override {
    names.insert(name.str());
  }
  void HasInclude(clang::SourceLocation, llvm::StringRef name, bool, clang::OptionalFileEntryRef,
                  clang::SrcMgr::CharacteristicKind) override {
    names.insert(name.str());
  }
  void EmbedDirective(clang::SourceLocation, llvm::StringRef name, bool, clang::OptionalFileEntryRef,
                      const clang::LexEmbedParametersResult &) override {
    names.insert(name.str());
  }
  void HasEmbed(clang::SourceLocation, llvm::StringRef name, bool, clang::OptionalFileEntryRef) override {
    names.insert(name.str());
  }

  std::set<std::string> names;
};

const std::set<std::string> &watch_names(clang::Preprocessor &preprocessor) {
  auto watcher = std::make_unique<LookedUpNames>();
  const std::set<std::string> &names = watcher->names;
  preprocessor.addPPCallbacks(std::move(watcher));
  return names;
}

std::string name_of(const clang::DirectoryLookup &folder) {
  return std::to_string(folder.getDirCharacteristic()) + folder.getName().str();
}

Words folders_of(const clang::HeaderSearch &headers) {
  Words folders;
  for (const clang::DirectoryLookup &folder : headers.search_dir_range())
    folders.push_back(name_of(folder));
  return folders;
}

// All that decides how a text is read, but for the folders and the macros that may come late.
std::vector<std::string> rest_of(clang::CompilerInvocation invocation) {
  clang::FrontendOptions &frontend = invocation.getFrontendOpts();
  frontend.Inputs.clear();
  frontend.DisableFree = false;
  invocation.getCodeGenOpts().MainFileName.clear();
  invocation.getPreprocessorOpts().Macros.clear();
  llvm::erase_if(invocation.getHeaderSearchOpts().UserEntries,
                 [](const clang::HeaderSearchOptions::Entry &entry) { return entry.Group == clang::frontend::Angled; });
  return invocation.getCC1CommandLine();
}

} // namespace

std::string definitions_of(const Words &options) {
  std::string text;
  for (const std::string &option : options)
    if (option.starts_with("-D")) {
      const auto [name, value] = macro_of(option);
      text += "#define " + name + " " + value + "\n";
    }
  return text;
}

MidParseOptions::MidParseOptions(clang::CompilerInstance &compiler, FileTable &files)
    : compiler_(compiler), files_(files), names_(watch_names(compiler.getPreprocessor())),
      rest_(rest_of(compiler.getInvocation())) {}

bool MidParseOptions::add(const Words &options, const clang::CompilerInvocation &own) {
  return rest_of(own) == rest_ &&
         std::all_of(
             options.begin(), options.end(),
             [&](const std::string &option) { return !option.starts_with("-D") || !has_met(macro_name(option)); }) &&
         use_folders(own.getHeaderSearchOpts());
}

bool MidParseOptions::has_met(const std::string &name) const {
  const clang::IdentifierTable &names = compiler_.getPreprocessor().getIdentifierTable();
  return names.find(name) != names.end();
}

// HeaderSearch remembers for each name the number of the folder in which it was found. That folder can only come later
// than it did, and in those that come before it the name was not found, so that the search may begin at that number.
bool MidParseOptions::use_folders(const clang::HeaderSearchOptions &options) {
  clang::HeaderSearch &headers = compiler_.getPreprocessor().getHeaderSearchInfo();
  const std::vector<std::string> before = folders_of(headers);
  compiler_.getHeaderSearchOpts().UserEntries = options.UserEntries; // HeaderSearch counts by them
  clang::ApplyHeaderSearchOptions(headers, compiler_.getHeaderSearchOpts(), compiler_.getLangOpts(),
                                  compiler_.getTarget().getTriple());
  auto next = before.begin();
  for (const clang::DirectoryLookup &folder : headers.search_dir_range())
    if (next != before.end() && *next == name_of(folder))
      ++next;
    else if (holds_a_name(folder))
      return false;
  return next == before.end() && files_.keeps_names();
}

// As HeaderSearch would ask for it.
bool MidParseOptions::holds_a_name(const clang::DirectoryLookup &folder) const {
  return std::any_of(names_.begin(), names_.end(), [&](const std::string &name) {
    return !name.starts_with('/') &&
           compiler_.getFileManager().getOptionalFileRef(folder.getName().str() + "/" + name, /*OpenFile=*/true);
  });
}

} // namespace ringfence
