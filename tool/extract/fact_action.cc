#include "extract/fact_action.h"

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/Preprocessor.h>

#include "extract/bodies/access_pass.h"
#include "extract/declarations/const_points.h"
#include "extract/declarations/initial_value.h"
#include "extract/declarations/initialisers.h"
#include "extract/declarations/object_visitor.h"
#include "extract/parse/diagnostics.h"
#include "extract/text/preprocessor_facts.h"

namespace ringfence {

namespace {

// What tells an error that other headers would not give from one of the project's own code.
constexpr const char *headers_lack_member = "; the record is not the project's: its headers are older or newer";

class FactConsumer final : public clang::ASTConsumer {
public:
  FactConsumer(clang::CompilerInstance &compiler, std::unique_ptr<FileTable> files, TuFacts &facts,
               const Knowledge &knowledge)
      : compiler_(compiler), files_(std::move(files)), facts_(facts), knowledge_(knowledge),
        preprocessor_facts_(record_preprocessor(compiler.getPreprocessor(), *files_)) {}

  bool HandleTopLevelDecl(clang::DeclGroupRef group) override {
    for (clang::Decl *decl : group)
      add_top_level(decl);
    return true;
  }

  void HandleCXXStaticMemberVarInstantiation(clang::VarDecl *variable) override { add_top_level(variable); }

  // Clang's own headers hold thousands of functions around instructions, and no object (lib/Headers of its sources).
  bool shouldSkipFunctionBody(clang::Decl *function) override {
    const clang::FileID file = compiler_.getSourceManager().getFileID(function->getLocation());
    const auto [known, fresh] = from_clang_.try_emplace(file, false);
    if (fresh)
      if (const clang::OptionalFileEntryRef entry = compiler_.getSourceManager().getFileEntryRefForID(file))
        known->second = entry->getName().starts_with(compiler_.getHeaderSearchOpts().ResourceDir + "/include/");
    return known->second;
  }

  void HandleTranslationUnit(clang::ASTContext &context) override {
    Roots roots, with_objects;
    for (const TopLevel &top : top_level_) {
      const std::size_t before = roots.size();
      if (top.root)
        roots.push_back(top.decl);
      else
        add_roots(top.decl, /*outside=*/!is_scope(top.decl), roots);
      if (!top.no_object)
        with_objects.insert(with_objects.end(), roots.begin() + static_cast<std::ptrdiff_t>(before), roots.end());
    }
    Registry registry(context, *files_, facts_, knowledge_);
    read_objects(registry, with_objects);
    for (clang::VarDecl *variable : injected_)
      registry.object(variable);
    read_accesses(registry, roots);
    read_outside_functions(registry, outside_functions_, injected_);
    read_initialisers(registry);
    read_const_points(registry);
    read_inactive(registry, preprocessor_facts_, roots);
    read_allowances(registry, preprocessor_facts_);
    read_unread_names(registry, preprocessor_facts_, read_diagnostics());
  }

private:
  struct TopLevel {
    clang::Decl *decl;
    bool root, no_object; // is_root(), declares_no_object()
  };

  // What can be said at once, which a shared parse then says once.
  void add_top_level(clang::Decl *decl) {
    const bool root = is_root(decl);
    top_level_.push_back({decl, root, root && declares_no_object(*decl)});
  }

  static bool is_scope(const clang::Decl *decl) {
    return llvm::isa<clang::NamespaceDecl, clang::LinkageSpecDecl>(decl);
  }

  bool is_root(const clang::Decl *decl) { return !is_scope(decl) && files_->in_project(decl->getLocation()); }

  // A project file may be included inside of an outside namespace, and the reverse.
  void add_roots(clang::Decl *decl, bool outside, Roots &roots) {
    if (is_scope(decl)) {
      const clang::SourceManager &sources = compiler_.getSourceManager();
      outside = outside || (sources.getFileID(sources.getExpansionLoc(decl->getBeginLoc())) ==
                                sources.getFileID(sources.getExpansionLoc(decl->getEndLoc())) &&
                            !files_->in_project(decl->getBeginLoc()));
      for (clang::Decl *child : llvm::cast<clang::DeclContext>(decl)->decls())
        add_roots(child, outside, roots);
    } else if (!outside && is_root(decl)) {
      roots.push_back(decl);
    } else if (auto *record = llvm::dyn_cast<clang::CXXRecordDecl>(decl)) {
      for (clang::Decl *member : record->decls())
        if (!llvm::isa<clang::CXXRecordDecl>(member) || !member->isImplicit()) // a class holds its own name as a member
          add_roots(member, /*outside=*/true, roots);
    } else if (auto *variable = llvm::dyn_cast<clang::VarDecl>(decl); variable && is_injected(*variable)) {
      injected_.push_back(variable);
    } else if (auto *function = llvm::dyn_cast<clang::FunctionDecl>(decl); function && is_compiled(*function)) {
      outside_functions_.push_back(function);
    }
  }

  // An object that an outside header puts into each unit that includes it, or that uses it.
  static bool is_injected(const clang::VarDecl &variable) {
    return variable.isThisDeclarationADefinition() != clang::VarDecl::DeclarationOnly && !variable.isInvalidDecl() &&
           !variable.isTemplated() && (variable.isUsed() || !variable.isExternallyVisible()) && !is_constant(variable);
  }

  // Clang says "used" also of what only unused inline functions use.
  static bool is_compiled(const clang::FunctionDecl &function) {
    return function.doesThisDeclarationHaveABody() && function.isUsed() && !function.isDependentContext();
  }

  // Where the errors are.
  std::vector<clang::FullSourceLoc> read_diagnostics() {
    std::vector<clang::FullSourceLoc> places;
    const auto &collector = static_cast<const DiagnosticCollector &>(compiler_.getDiagnosticClient());
    for (const DiagnosticCollector::Entry &entry : collector.entries()) {
      const bool of_headers = entry.record.isValid() && !files_->in_project(entry.record);
      if (entry.location.isValid())
        places.push_back(entry.location);
      facts_.diagnostics.push_back(
          {entry.severity, entry.message + (of_headers ? headers_lack_member : ""), files_->location(entry.location)});
    }
    return places;
  }

  clang::CompilerInstance &compiler_;
  std::unique_ptr<FileTable> files_;
  TuFacts &facts_;
  const Knowledge &knowledge_;
  PreprocessorRecorder &preprocessor_facts_;
  std::vector<TopLevel> top_level_;
  llvm::DenseMap<clang::FileID, bool> from_clang_; // whether it is a header of Clang's own
  std::vector<clang::VarDecl *> injected_;
  std::vector<const clang::FunctionDecl *> outside_functions_; // that the unit uses
};

class FactAction final : public clang::ASTFrontendAction {
public:
  FactAction(const ProjectPaths &paths, const std::string &directory, TuFacts &facts, SharedParseState *shared)
      : paths_(paths), directory_(directory), facts_(facts), shared_(shared) {}

protected:
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &compiler, llvm::StringRef) override {
    static const Knowledge nothing;
    auto files =
        std::make_unique<FileTable>(compiler.getSourceManager(), compiler.getPreprocessor().getHeaderSearchInfo(),
                                    paths_, directory_, facts_.files, shared_);
    if (shared_)
      shared_->on_begin(compiler, *files);
    return std::make_unique<FactConsumer>(compiler, std::move(files), facts_,
                                          paths_.knowledge ? *paths_.knowledge : nothing);
  }

private:
  const ProjectPaths &paths_;
  const std::string &directory_;
  TuFacts &facts_;
  SharedParseState *shared_;
};

} // namespace

std::unique_ptr<clang::FrontendAction> make_fact_action(const ProjectPaths &paths, const std::string &directory,
                                                        TuFacts &facts, SharedParseState *shared) {
  return std::make_unique<FactAction>(paths, directory, facts, shared);
}

} // namespace ringfence
