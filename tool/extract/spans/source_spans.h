// Clang's places as spans of the project's files, and the text there.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <clang/AST/ASTConsumer.h>
#include <clang/AST/DeclCXX.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Lex/Lexer.h>

#include "base/file_system.h"
#include "extract/spans/span.h"
#include "source/compile_unit.h"

namespace ringfence {

class SourceSpans {
public:
  SourceSpans(clang::CompilerInstance &compiler, std::string directory, std::string root)
      : sources_(compiler.getSourceManager()), options_(compiler.getLangOpts()), directory_(std::move(directory)),
        root_(std::move(root)) {}

  // The tokens from one to another; no file where they are in two, or in none of the project.
  Span of(clang::SourceLocation first, clang::SourceLocation last) const;
  // As written: of code from a macro, where the macro is expanded.
  Span as_written(clang::SourceRange range) const;
  // A statement with its semicolon, as written.
  Span statement(const clang::Stmt &statement) const;
  Span joined(const Span &first, const Span &last) const { return {first.file, first.begin, last.end}; }

  // What the expression is spelled as where that is a token of the project: in a macro's body, or as its argument.
  Span token(clang::SourceLocation at) const;

  std::string text(const Span &span) const;
  // The token behind `last`, which is a place as written.
  std::optional<clang::Token> next_token(clang::SourceLocation last) const;
  // "src/a.c:12", of code from a macro where it is expanded.
  std::string place(clang::SourceLocation at) const;
  unsigned line(clang::SourceLocation at) const;
  bool in_main_file(clang::SourceLocation at) const {
    return sources_.getFileID(sources_.getExpansionLoc(at)) == sources_.getMainFileID();
  }
  // The last token of an expression as written: `NULL`, not what it stands for.
  clang::SourceLocation end_of(clang::SourceLocation last) const { return sources_.getExpansionRange(last).getEnd(); }

  const clang::SourceManager &sources() const { return sources_; }
  const clang::LangOptions &options() const { return options_; }
  const std::string &root() const { return root_; }

private:
  const clang::SourceManager &sources_;
  const clang::LangOptions &options_;
  std::string directory_, root_;
};

// Text that a parse did not read, or reads only where a macro is expanded: names in it are seen by no walk.
struct UnreadText {
  struct Macro {
    std::string name;
    Span body;
    std::vector<std::string> parameters;
  };
  std::vector<Span> skipped; // branches that were not taken
  std::vector<Span> dropped; // calls of macros that use none of their parameters, as `assert` where NDEBUG is defined
  std::vector<Macro> macros; // by definition
};

// Fills in what the preprocessor passes over in the unit's own file, whose absolute path `file` is. All outlive the parse.
void watch_unread(clang::CompilerInstance &compiler, const std::string &file, UnreadText &unread);

// Where the unread text has the name, but for `seen` (sorted). `obstacles` gets why one of them cannot be edited: it
// stands in a branch for other systems or Pythons than version 2, outside of `bodies` of functions or where it may be
// declared; or the macro makes a string of it.
std::vector<Span> unread_uses(const SourceSpans &spans, const UnreadText &unread, const std::string &name,
                              const std::vector<Span> &seen, const std::vector<Span> &bodies,
                              std::vector<std::string> &obstacles);

// Where branches that were not taken and dropped calls of macros have the name, or that of a macro whose body has it.
std::vector<Span> unread_mentions(const SourceSpans &spans, const UnreadText &unread, const std::string &name);

// Parses the unit and shows it; `errors` is whether it had any. Shows nothing where it cannot be parsed.
using ShowUnit = std::function<void(clang::CompilerInstance &, clang::ASTContext &, bool errors)>;
// Before the parse: callbacks of the preprocessor.
using PrepareUnit = std::function<void(clang::CompilerInstance &)>;
void parse_unit(const CompileUnit &unit, const FileSystem &files, const PrepareUnit &prepare, const ShowUnit &show);

// Functions at the top of the unit, and of its namespaces and `extern "C"`.
template <class Use> void each_function(const clang::DeclContext &context, Use use) {
  for (const clang::Decl *declaration : context.decls()) {
    if (const auto *function = llvm::dyn_cast<clang::FunctionDecl>(declaration))
      use(*function);
    else if (llvm::isa<clang::LinkageSpecDecl, clang::NamespaceDecl>(declaration))
      each_function(*llvm::cast<clang::DeclContext>(declaration), use);
  }
}

} // namespace ringfence
