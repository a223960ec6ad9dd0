#include "extract/fact_action.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "extract/diagnostics.h"
#include "extract/passes.h"

namespace ringfence {

namespace {

// Enters every file that is read.
class FileRecorder final : public clang::PPCallbacks {
public:
  explicit FileRecorder(FileTable &files) : files_(files) {}

  void LexedFileChanged(clang::FileID id, LexedFileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                        clang::FileID, clang::SourceLocation) override {
    if (reason == LexedFileChangeReason::EnterFile)
      files_.file(id);
  }

private:
  FileTable &files_;
};

class FactConsumer final : public clang::ASTConsumer {
public:
  FactConsumer(clang::CompilerInstance &compiler, std::unique_ptr<FileTable> files, TuFacts &facts)
      : compiler_(compiler), files_(std::move(files)), facts_(facts) {}

  // What an outside function does inside is no fact of this project.
  bool shouldSkipFunctionBody(clang::Decl *decl) override { return !files_->in_project(decl->getLocation()); }

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    top_level_.insert(top_level_.end(), group.begin(), group.end());
    return true;
  }

  void HandleTranslationUnit(clang::ASTContext &context) override {
    Roots roots;
    for (clang::Decl *decl : top_level_)
      add_roots(decl, roots);
    Registry registry(context, *files_, facts_);
    read_objects(registry, roots);
    read_accesses(registry, roots);
    read_initialisers(registry);
    read_diagnostics();
  }

private:
  void add_roots(clang::Decl *decl, Roots &roots) {
    if (!llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(decl)) {
      if (files_->in_project(decl->getLocation()))
        roots.push_back(decl);
      return;
    }
    // A project file may be included inside of an outside namespace, and the reverse.
    const clang::SourceManager &sources = compiler_.getSourceManager();
    bool one_file = sources.getFileID(sources.getExpansionLoc(decl->getBeginLoc())) ==
                    sources.getFileID(sources.getExpansionLoc(decl->getEndLoc()));
    if (one_file && !files_->in_project(decl->getBeginLoc()))
      return;
    for (clang::Decl *child : llvm::cast<clang::DeclContext>(decl)->decls())
      add_roots(child, roots);
  }

  void read_diagnostics() {
    const auto &collector = static_cast<const DiagnosticCollector &>(compiler_.getDiagnosticClient());
    for (const DiagnosticCollector::Entry &entry : collector.entries())
      facts_.diagnostics.push_back({entry.severity, entry.message, files_->location(entry.location)});
  }

  clang::CompilerInstance &compiler_;
  std::unique_ptr<FileTable> files_;
  TuFacts &facts_;
  std::vector<clang::Decl *> top_level_;
};

class FactAction final : public clang::ASTFrontendAction {
public:
  FactAction(const ProjectPaths &paths, const std::string &directory, TuFacts &facts)
      : paths_(paths), directory_(directory), facts_(facts) {}

protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &compiler, llvm::StringRef) override {
    clang::Preprocessor &preprocessor = compiler.getPreprocessor();
    auto files = std::make_unique<FileTable>(compiler.getSourceManager(), preprocessor.getHeaderSearchInfo(), paths_,
                                             directory_, facts_.files);
    preprocessor.addPPCallbacks(std::make_unique<FileRecorder>(*files));
    return std::make_unique<FactConsumer>(compiler, std::move(files), facts_);
  }

private:
  const ProjectPaths &paths_;
  const std::string &directory_;
  TuFacts &facts_;
};

} // namespace

std::unique_ptr<clang::FrontendAction> make_fact_action(const ProjectPaths &paths, const std::string &directory,
                                                        TuFacts &facts) {
  return std::make_unique<FactAction>(paths, directory, facts);
}

} // namespace ringfence
