#include "extract/object_uses.h"

#include <algorithm>
#include <map>
#include <set>

#include <clang/AST/RecursiveASTVisitor.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "base/path.h"
#include "base/sort_unique.h"
#include "extract/front_end.h"
#include "extract/invocation.h"
#include "extract/regular_files.h"

namespace ringfence {
namespace {

using clang::SourceLocation;
using clang::SourceManager;

// Text that the parse did not read, or reads only where a macro is expanded: names in it are seen by no walk.
struct UnreadText {
  std::vector<Span> skipped; // branches that were not taken
  std::vector<Span> macros;  // bodies of macros, by definition
};

class Reader {
public:
  Reader(clang::CompilerInstance &compiler, const ProjectPaths &paths, UnitUses &result)
      : sources_(compiler.getSourceManager()), options_(compiler.getLangOpts()), paths_(paths), result_(result) {}

  // The bytes of a range of tokens in one file; no file where it is none of the project.
  Span span_of(SourceLocation begin, SourceLocation last) const {
    const auto [file, offset] = sources_.getDecomposedLoc(begin);
    const auto entry = sources_.getFileEntryRefForID(file);
    if (!entry || sources_.getFileID(last) != file)
      return {};
    const std::string path = absolute_path(std::string(entry->getName()), directory_);
    if (!path_below(path, paths_.root))
      return {};
    return {path, offset, sources_.getFileOffset(last) + clang::Lexer::MeasureTokenLength(last, sources_, options_)};
  }

  std::string text_of(const Span &span, SourceLocation begin) const {
    return sources_.getBufferData(sources_.getFileID(begin)).substr(span.begin, span.end - span.begin).str();
  }

  // The last token of an expression as written: `NULL`, not what it stands for.
  SourceLocation end_of(SourceLocation last) const { return sources_.getExpansionRange(last).getEnd(); }

  std::string place(SourceLocation at) const {
    const clang::PresumedLoc presumed = sources_.getPresumedLoc(sources_.getExpansionLoc(at));
    const std::string file = presumed.isValid() ? presumed.getFilename() : "";
    const auto below = path_below(absolute_path(file, directory_), paths_.root);
    return (below ? *below : file) + ":" + std::to_string(presumed.isValid() ? presumed.getLine() : 0);
  }

  // Reads the declaration, once for each redeclaration; false where the variable is none that could move.
  void declare(const clang::VarDecl &variable, const clang::DeclStmt *statement);
  void use(const clang::DeclRefExpr &expression, bool in_static_initialiser);
  void pass(const clang::CallExpr &call);
  void add_body(const clang::FunctionDecl &function);
  void add_top_level(const clang::Decl &declaration);
  bool names(const Span &span, const StaticUses &uses) const;
  void finish(const UnreadText &unread);

  void set_directory(const std::string &directory) { directory_ = directory; }
  static bool is_candidate(const clang::VarDecl &variable) {
    return variable.hasGlobalStorage() && !variable.isExternallyVisible() &&
           variable.getTLSKind() == clang::VarDecl::TLS_None && !variable.getType().isConstQualified() &&
           !variable.getName().empty();
  }

private:
  StaticUses &entry(const clang::VarDecl &variable);
  void read_declarator(const clang::VarDecl &variable, SourceLocation begin, SourceLocation semicolon,
                       StaticUses &uses);

  const SourceManager &sources_;
  const clang::LangOptions &options_;
  const ProjectPaths &paths_;
  UnitUses &result_;
  std::string directory_;
  std::map<const clang::VarDecl *, StaticUses> statics_;
  std::map<unsigned, const clang::VarDecl *> by_specifier_; // first declarator of a statement
};

StaticUses &Reader::entry(const clang::VarDecl &variable) {
  const clang::VarDecl *first = variable.getFirstDecl();
  StaticUses &uses = statics_[first];
  if (uses.name.empty()) {
    uses.name = first->getName();
    const clang::PresumedLoc at = sources_.getPresumedLoc(sources_.getExpansionLoc(first->getLocation()));
    uses.line = at.isValid() ? at.getLine() : 0;
    uses.column = at.isValid() ? at.getColumn() : 0;
  }
  return uses;
}

// Declarator tokens without `static`, up to the initialiser.
void Reader::read_declarator(const clang::VarDecl &variable, SourceLocation begin, SourceLocation semicolon,
                             StaticUses &uses) {
  std::string text;
  unsigned name_at = 0;
  bool named = false;
  SourceLocation at = begin;
  unsigned previous_end = sources_.getFileOffset(begin);
  while (at != semicolon) {
    clang::Token token;
    if (clang::Lexer::getRawToken(at, token, sources_, options_, true) || token.is(clang::tok::eof))
      break;
    const std::string word = clang::Lexer::getSpelling(token, sources_, options_);
    const unsigned offset = sources_.getFileOffset(token.getLocation());
    if (named && (token.is(clang::tok::equal) || token.is(clang::tok::semi)))
      break;
    if (word != "static" || token.isNot(clang::tok::raw_identifier)) {
      if (!text.empty() && offset > previous_end)
        text += ' ';
      if (token.getLocation() == variable.getLocation()) {
        name_at = static_cast<unsigned>(text.size());
        named = true;
      }
      text += word;
    }
    previous_end = offset + token.getLength();
    at = token.getEndLoc();
    const auto next = clang::Lexer::findNextToken(token.getLocation(), sources_, options_);
    if (!next)
      break;
    at = next->getLocation();
  }
  if (!named)
    uses.obstacles.push_back(place(begin) + ": its declaration is made by a macro");
  uses.member = text;
  uses.name_at = name_at;
}

void Reader::declare(const clang::VarDecl &variable, const clang::DeclStmt *statement) {
  StaticUses &uses = entry(variable);
  const auto obstacle = [&](const std::string &why) {
    uses.obstacles.push_back(place(variable.getLocation()) + ": " + why);
  };
  if (variable.isInvalidDecl() || variable.getBeginLoc().isMacroID() || variable.getLocation().isMacroID())
    return obstacle("a macro makes a part of its declaration");
  if (sources_.getFileID(variable.getLocation()) != sources_.getMainFileID())
    return obstacle("it is declared in a file that units include");
  if (statement ? !statement->isSingleDecl()
                : !by_specifier_.try_emplace(variable.getBeginLoc().getRawEncoding(), &variable).second)
    return obstacle("one statement declares it with others");
  const auto next = clang::Lexer::findNextToken(end_of(variable.getEndLoc()), sources_, options_);
  if (!next || next->isNot(clang::tok::semi))
    return obstacle("one statement declares it with others, or with attributes");
  uses.declarations.push_back(span_of(variable.getBeginLoc(), next->getLocation()));
  if (uses.member.empty() || variable.hasInit())
    read_declarator(variable, variable.getBeginLoc(), next->getLocation(), uses);
  if (const clang::Expr *value = variable.getInit()) {
    const Span span = span_of(sources_.getExpansionLoc(value->getBeginLoc()), end_of(value->getEndLoc()));
    uses.initialiser = span.file.empty() ? "?" : text_of(span, sources_.getExpansionLoc(value->getBeginLoc()));
    uses.aggregate_initialiser = variable.getType()->isArrayType() || variable.getType()->isRecordType();
    const auto *constant = value->IgnoreParenImpCasts();
    if (!uses.aggregate_initialiser &&
        value->isNullPointerConstant(variable.getASTContext(), clang::Expr::NPC_ValueDependentIsNotNull))
      uses.initialiser.clear();
    if (const auto *list = llvm::dyn_cast<clang::InitListExpr>(constant); list && uses.initialiser == "{0}")
      uses.initialiser.clear(), uses.aggregate_initialiser = false;
  }
  if (variable.getType()->isIncompleteArrayType())
    obstacle("its size comes from its initialiser");
}

void Reader::use(const clang::DeclRefExpr &expression, bool in_static_initialiser) {
  const auto *variable = llvm::dyn_cast<clang::VarDecl>(expression.getDecl());
  if (!variable || !is_candidate(*variable))
    return;
  StaticUses &uses = entry(*variable);
  const SourceLocation spelled = sources_.getSpellingLoc(expression.getLocation());
  const Span span = span_of(spelled, spelled);
  if (in_static_initialiser)
    uses.obstacles.push_back(place(expression.getLocation()) + ": a static initialiser takes it, or its address");
  else if (span.file.empty() || span.end - span.begin != uses.name.size())
    uses.obstacles.push_back(place(expression.getLocation()) +
                             ": a macro pastes its name, or one of another project uses it");
  else
    uses.uses.push_back(span);
  const SourceLocation expanded = sources_.getExpansionLoc(expression.getLocation());
  if (sources_.getFileID(expanded) != sources_.getMainFileID())
    uses.obstacles.push_back(place(expression.getLocation()) + ": code of another file uses it");
  else if (const unsigned at = sources_.getFileOffset(expanded); uses.first_use == 0 || at < uses.first_use)
    uses.first_use = at;
}

void Reader::pass(const clang::CallExpr &call) {
  const clang::FunctionDecl *callee = call.getDirectCallee();
  for (const clang::Expr *argument : call.arguments())
    if (const auto *named = llvm::dyn_cast<clang::DeclRefExpr>(argument->IgnoreParenCasts()); named && callee)
      if (const auto *variable = llvm::dyn_cast<clang::VarDecl>(named->getDecl()); variable && is_candidate(*variable))
        entry(*variable).passed_to.push_back(callee->getNameAsString());
}

void Reader::add_body(const clang::FunctionDecl &function) {
  const clang::Stmt *body = function.getBody();
  if (!function.doesThisDeclarationHaveABody() || !body || body->getBeginLoc().isMacroID() ||
      body->getEndLoc().isMacroID() || sources_.getFileID(body->getBeginLoc()) != sources_.getMainFileID())
    return;
  result_.bodies.push_back({function.getNameAsString(), span_of(body->getBeginLoc(), body->getEndLoc())});
}

void Reader::add_top_level(const clang::Decl &declaration) {
  const SourceLocation begin = sources_.getExpansionLoc(declaration.getBeginLoc());
  const SourceLocation end = sources_.getExpansionRange(declaration.getEndLoc()).getEnd();
  if (sources_.getFileID(begin) == sources_.getMainFileID())
    if (const Span span = span_of(begin, end); !span.file.empty())
      result_.top_level.push_back(span);
}

// Whether unread text of the unit's own file says a variable's name at a place that no use was seen at.
bool Reader::names(const Span &span, const StaticUses &uses) const {
  const llvm::StringRef buffer = sources_.getBufferData(sources_.getMainFileID());
  const std::string text = buffer.slice(span.begin, span.end).str(); // a lexer wants a zero behind its text
  if (text.find(uses.name) == std::string::npos)
    return false;
  clang::Lexer lexer(SourceLocation(), options_, text.data(), text.data(), text.data() + text.size());
  for (clang::Token token; lexer.LexFromRawLexer(token), token.isNot(clang::tok::eof);) {
    const unsigned at = span.begin + lexer.getCurrentBufferOffset() - token.getLength();
    if (token.is(clang::tok::raw_identifier) && token.getRawIdentifier() == uses.name &&
        !std::ranges::binary_search(uses.uses, Span{span.file, at, at + token.getLength()}))
      return true;
  }
  return false;
}

void Reader::finish(const UnreadText &unread) {
  for (auto &[variable, uses] : statics_) {
    sort_unique(uses.uses);
    const auto hides = [&, &uses = uses](const std::vector<Span> &spans, const std::string &why) {
      for (const Span &span : spans)
        if (names(span, uses))
          uses.obstacles.push_back(*path_below(span.file, paths_.root) + ": " + why);
    };
    if (!variable->isStaticLocal()) {
      hides(unread.skipped, "its name stands in a branch that was not read");
      hides(unread.macros, "its name stands in a macro that nothing expands, or that makes a string of it");
    }
    sort_unique(uses.obstacles);
    result_.statics.push_back(std::move(uses));
  }
  std::ranges::sort(result_.statics, {}, [](const StaticUses &uses) { return std::pair(uses.line, uses.column); });
  std::ranges::sort(result_.top_level);
}

class Walker : public clang::RecursiveASTVisitor<Walker> {
public:
  explicit Walker(Reader &reader) : reader_(reader) {}

  bool VisitFunctionDecl(clang::FunctionDecl *function) {
    reader_.add_body(*function);
    return true;
  }
  bool TraverseDeclStmt(clang::DeclStmt *statement) {
    for (clang::Decl *declaration : statement->decls())
      if (const auto *variable = llvm::dyn_cast<clang::VarDecl>(declaration);
          variable && Reader::is_candidate(*variable))
        reader_.declare(*variable, statement);
    return clang::RecursiveASTVisitor<Walker>::TraverseDeclStmt(statement);
  }
  bool TraverseVarDecl(clang::VarDecl *variable) {
    if (variable->isFileVarDecl() && Reader::is_candidate(*variable))
      reader_.declare(*variable, nullptr);
    const bool before = in_static_initialiser_;
    in_static_initialiser_ = before || variable->hasGlobalStorage();
    const bool go_on = clang::RecursiveASTVisitor<Walker>::TraverseVarDecl(variable);
    in_static_initialiser_ = before;
    return go_on;
  }
  bool VisitCallExpr(clang::CallExpr *call) {
    reader_.pass(*call);
    return true;
  }
  bool VisitDeclRefExpr(clang::DeclRefExpr *expression) {
    reader_.use(*expression, in_static_initialiser_);
    return true;
  }

private:
  Reader &reader_;
  bool in_static_initialiser_ = false;
};

// Remembers what the preprocessor passes over.
class UnreadCallbacks final : public clang::PPCallbacks {
public:
  UnreadCallbacks(const SourceManager &sources, const std::string &file, UnreadText &unread)
      : sources_(sources), file_(file), unread_(unread) {}

  void SourceRangeSkipped(clang::SourceRange range, SourceLocation) override { add(range, unread_.skipped); }
  void MacroDefined(const clang::Token &, const clang::MacroDirective *directive) override {
    const clang::MacroInfo *macro = directive->getMacroInfo();
    if (macro && macro->getNumTokens() > 0)
      add({macro->tokens_begin()->getLocation(), macro->getDefinitionEndLoc()}, unread_.macros);
  }

private:
  void add(clang::SourceRange range, std::vector<Span> &spans) {
    if (range.getBegin().isFileID() && sources_.getFileID(range.getBegin()) == sources_.getMainFileID())
      spans.push_back({file_, sources_.getFileOffset(range.getBegin()), sources_.getFileOffset(range.getEnd()) + 1});
  }

  const SourceManager &sources_;
  const std::string &file_;
  UnreadText &unread_;
};

class UsesAction final : public clang::ASTFrontendAction {
public:
  UsesAction(const CompileUnit &unit, const ProjectPaths &paths, UnitUses &result)
      : unit_(unit), paths_(paths), result_(result) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &compiler, llvm::StringRef) override {
    compiler.getPreprocessor().addPPCallbacks(
        std::make_unique<UnreadCallbacks>(compiler.getSourceManager(), result_.file, unread_));
    return std::make_unique<Consumer>(*this, compiler);
  }

private:
  struct Consumer final : clang::ASTConsumer {
    Consumer(UsesAction &action, clang::CompilerInstance &compiler) : action(action), compiler(compiler) {}
    void HandleTranslationUnit(clang::ASTContext &context) override {
      Reader reader(compiler, action.paths_, action.result_);
      reader.set_directory(action.unit_.directory);
      Walker(reader).TraverseDecl(context.getTranslationUnitDecl());
      for (const clang::Decl *declaration : context.getTranslationUnitDecl()->decls())
        reader.add_top_level(*declaration);
      reader.finish(action.unread_);
      action.result_.read_in_full = !compiler.getDiagnostics().hasErrorOccurred();
    }
    bool shouldSkipFunctionBody(clang::Decl *) override { return false; }
    UsesAction &action;
    clang::CompilerInstance &compiler;
  };

  const CompileUnit &unit_;
  const ProjectPaths &paths_;
  UnitUses &result_;
  UnreadText unread_;
};

} // namespace

UnitUses read_static_uses(const CompileUnit &unit, const ProjectPaths &paths) {
  UnitUses result;
  result.file = absolute_path(unit.file, unit.directory);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = regular_files();
  DiagnosticCollector diagnostics;
  std::shared_ptr<clang::CompilerInvocation> invocation;
  if (!files->setCurrentWorkingDirectory(unit.directory))
    invocation = make_invocation(unit, files, diagnostics);
  if (!invocation)
    return result;
  UsesAction action(unit, paths, result);
  on_large_stack([&] { run_front_end(std::move(invocation), std::move(files), diagnostics, action); });
  return result;
}

} // namespace ringfence
