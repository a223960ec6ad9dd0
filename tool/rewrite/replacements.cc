#include "rewrite/replacements.h"

#include <clang/Tooling/ReplacementsYaml.h>

namespace ringfence {

std::string replacements_yaml(const std::map<std::string, std::vector<Edit>> &edits) {
  clang::tooling::TranslationUnitReplacements document;
  for (const auto &[file, of_file] : edits) {
    if (document.MainSourceFile.empty())
      document.MainSourceFile = file;
    for (const Edit &edit : of_file)
      document.Replacements.emplace_back(file, edit.begin, edit.end - edit.begin, edit.text);
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::yaml::Output yaml(stream);
  yaml << document;
  return text;
}

} // namespace ringfence
