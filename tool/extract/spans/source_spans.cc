#include "extract/spans/source_spans.h"

#include <algorithm>

#include <clang/Lex/MacroInfo.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>

#include "base/path.h"
#include "extract/parse/front_end.h"
#include "extract/parse/given_files.h"
#include "extract/parse/invocation.h"
#include "knowledge/source_names.h"

namespace ringfence {

using clang::SourceLocation;

Span SourceSpans::of(SourceLocation first, SourceLocation last) const {
  const auto [file, offset] = sources_.getDecomposedLoc(first);
  const auto entry = sources_.getFileEntryRefForID(file);
  if (!entry || sources_.getFileID(last) != file)
    return {};
  const std::string path = absolute_path(std::string(entry->getName()), directory_);
  if (!path_below(path, root_))
    return {};
  return {path, offset, sources_.getFileOffset(last) + clang::Lexer::MeasureTokenLength(last, sources_, options_)};
}

Span SourceSpans::as_written(clang::SourceRange range) const {
  return of(sources_.getExpansionLoc(range.getBegin()), end_of(range.getEnd()));
}

Span SourceSpans::statement(const clang::Stmt &statement) const {
  Span span = as_written(statement.getSourceRange());
  if (const auto next = next_token(end_of(statement.getEndLoc())); next && next->is(clang::tok::semi))
    span.end = sources_.getFileOffset(next->getEndLoc());
  return span;
}

Span SourceSpans::token(SourceLocation at) const {
  const SourceLocation spelled = sources_.getSpellingLoc(at);
  return of(spelled, spelled);
}

std::string SourceSpans::text(const Span &span) const {
  const auto file = span.file.empty() ? std::nullopt : sources_.getFileManager().getOptionalFileRef(span.file);
  const clang::FileID id = file ? sources_.translateFile(*file) : clang::FileID();
  return id.isValid() ? sources_.getBufferData(id).substr(span.begin, span.end - span.begin).str() : std::string();
}

std::optional<clang::Token> SourceSpans::next_token(SourceLocation last) const {
  return clang::Lexer::findNextToken(last, sources_, options_);
}

std::string SourceSpans::place(SourceLocation at) const {
  const clang::PresumedLoc presumed = sources_.getPresumedLoc(sources_.getExpansionLoc(at));
  const std::string file = presumed.isValid() ? presumed.getFilename() : "";
  const auto below = path_below(absolute_path(file, directory_), root_);
  return (below ? *below : file) + ":" + std::to_string(presumed.isValid() ? presumed.getLine() : 0);
}

unsigned SourceSpans::line(SourceLocation at) const {
  const clang::PresumedLoc presumed = sources_.getPresumedLoc(sources_.getExpansionLoc(at));
  return presumed.isValid() ? presumed.getLine() : 0;
}

namespace {

// Remembers what the preprocessor passes over.
class UnreadCallbacks final : public clang::PPCallbacks {
public:
  UnreadCallbacks(const clang::SourceManager &sources, const std::string &file, UnreadText &unread)
      : sources_(sources), file_(file), unread_(unread) {}

  void SourceRangeSkipped(clang::SourceRange range, SourceLocation) override {
    if (is_own(range.getBegin()))
      unread_.skipped.push_back(span_of(range.getBegin(), range.getEnd()));
  }
  void MacroExpands(const clang::Token &, const clang::MacroDefinition &definition, clang::SourceRange range,
                    const clang::MacroArgs *) override {
    const clang::MacroInfo *macro = definition.getMacroInfo();
    if (macro && macro->isFunctionLike() && macro->getNumParams() > 0 && is_own(range.getBegin()) &&
        is_own(range.getEnd()) && !uses_parameters(*macro))
      unread_.dropped.push_back(span_of(range.getBegin(), range.getEnd()));
  }
  void MacroDefined(const clang::Token &name, const clang::MacroDirective *directive) override {
    const clang::MacroInfo *macro = directive->getMacroInfo();
    if (!macro || macro->getNumTokens() == 0 || !is_own(macro->tokens_begin()->getLocation()))
      return;
    unread_.macros.push_back({name.getIdentifierInfo()->getName().str(),
                              span_of(macro->tokens_begin()->getLocation(), macro->getDefinitionEndLoc()),
                              {}});
    for (const clang::IdentifierInfo *parameter : macro->params())
      unread_.macros.back().parameters.push_back(parameter->getName().str());
  }

private:
  static bool uses_parameters(const clang::MacroInfo &macro) {
    return std::any_of(macro.tokens_begin(), macro.tokens_end(), [&](const clang::Token &token) {
      return token.getIdentifierInfo() && llvm::is_contained(macro.params(), token.getIdentifierInfo());
    });
  }
  bool is_own(SourceLocation at) const { return at.isFileID() && sources_.getFileID(at) == sources_.getMainFileID(); }
  Span span_of(SourceLocation first, SourceLocation last) const {
    return {file_, sources_.getFileOffset(first), sources_.getFileOffset(last) + 1};
  }

  const clang::SourceManager &sources_;
  const std::string &file_;
  UnreadText &unread_;
};

// Whether an enclosing conditional asks which major version Python has: then the branch is for version 2.
bool is_for_python_2(llvm::StringRef text, unsigned offset) {
  int depth = 0;
  for (llvm::StringRef rest = text.take_front(offset); !rest.empty();) {
    const auto [before, line] = rest.rsplit('\n');
    const llvm::StringRef directive = line.empty() && before == rest ? rest.trim() : line.trim();
    const llvm::StringRef word = directive.starts_with("#") ? directive.drop_front().ltrim() : "";
    depth += word.starts_with("endif");
    if (word.starts_with("if")) {
      if (depth == 0 && word.contains(source_name::major_version))
        return true;
      depth -= depth > 0;
    }
    if (before == rest)
      break;
    rest = before;
  }
  return false;
}

bool is_keyword_of_expressions(const clang::Token &token) {
  return token.is(clang::tok::raw_identifier) &&
         llvm::is_contained({"return", "else", "case", "sizeof", "do"}, token.getRawIdentifier());
}

// Calls `use` with each place of the name in the span: whether `#` or `##` makes another token of it, and whether it may be
// declared there, as in `int name` and `; type *name`.
template <class Use> void each_name(const SourceSpans &spans, const Span &span, const std::string &name, Use use) {
  const llvm::StringRef buffer = spans.sources().getBufferData(spans.sources().getMainFileID());
  const std::string text = buffer.slice(span.begin, span.end).str(); // a lexer wants a zero behind its text
  if (text.find(name) == std::string::npos)
    return;
  clang::Lexer lexer(SourceLocation(), spans.options(), text.data(), text.data(), text.data() + text.size());
  bool after_hash = false, after_member = false, declared = false;
  clang::tok::TokenKind before = clang::tok::semi, before_that = clang::tok::semi;
  std::optional<Span> found; // waits for the token behind it
  for (clang::Token token; lexer.LexFromRawLexer(token), true;) {
    const unsigned at = span.begin + lexer.getCurrentBufferOffset() - token.getLength();
    if (found)
      use(*found, after_hash || token.is(clang::tok::hashhash), declared);
    found.reset();
    if (token.is(clang::tok::eof))
      return;
    if (token.is(clang::tok::raw_identifier) && token.getRawIdentifier() == name && !after_member) {
      found = Span{span.file, at, at + token.getLength()};
      declared = before == clang::tok::raw_identifier ||
                 (before == clang::tok::star && before_that == clang::tok::raw_identifier);
      continue; // what stands before it is what after_hash tells
    }
    before_that = before;
    before = is_keyword_of_expressions(token) ? clang::tok::semi : token.getKind();
    after_hash = token.isOneOf(clang::tok::hash, clang::tok::hashhash);
    after_member = token.isOneOf(clang::tok::arrow, clang::tok::period);
  }
}

} // namespace

void watch_unread(clang::CompilerInstance &compiler, const std::string &file, UnreadText &unread) {
  compiler.getPreprocessor().addPPCallbacks(
      std::make_unique<UnreadCallbacks>(compiler.getSourceManager(), file, unread));
}

std::vector<Span> unread_uses(const SourceSpans &spans, const UnreadText &unread, const std::string &name,
                              const std::vector<Span> &seen, const std::vector<Span> &bodies,
                              std::vector<std::string> &obstacles) {
  std::vector<Span> uses;
  const auto is_inside = [&](const Span &span) {
    return std::ranges::any_of(bodies, [&](const Span &body) { return body.contains(span); });
  };
  const auto is_seen = [&](const Span &span) {
    return std::ranges::any_of(seen, [&](const Span &known) { return known.contains(span); });
  };
  const auto obstacle = [&](const Span &span, const std::string &why) {
    obstacles.push_back(spans.place(spans.sources()
                                        .getLocForStartOfFile(spans.sources().getMainFileID())
                                        .getLocWithOffset(static_cast<int>(span.begin))) +
                        ": " + why);
  };
  const llvm::StringRef text = spans.sources().getBufferData(spans.sources().getMainFileID());
  for (const Span &branch : unread.skipped)
    each_name(spans, branch, name, [&](const Span &at, bool, bool declared) {
      if (!is_for_python_2(text, at.begin) && (declared || !is_inside(at)))
        obstacle(at, "its name stands in a branch that was not read");
      uses.push_back(at);
    });
  for (const Span &call : unread.dropped)
    each_name(spans, call, name, [&](const Span &at, bool, bool) {
      if (!is_seen(at))
        uses.push_back(at);
    });
  for (const UnreadText::Macro &macro : unread.macros)
    if (std::ranges::find(macro.parameters, name) == macro.parameters.end())
      each_name(spans, macro.body, name, [&](const Span &at, bool after_hash, bool) {
        if (is_seen(at))
          return;
        if (after_hash)
          obstacle(at, "a macro makes a string of its name, or pastes it");
        uses.push_back(at);
      });
  return uses;
}

std::vector<Span> unread_mentions(const SourceSpans &spans, const UnreadText &unread, const std::string &name) {
  std::vector<std::string> names = {name};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string word = names[i]; // the list grows
    for (const UnreadText::Macro &macro : unread.macros)
      if (std::ranges::find(names, macro.name) == names.end())
        each_name(spans, macro.body, word, [&](const Span &, bool, bool) {
          if (names.back() != macro.name)
            names.push_back(macro.name);
        });
  }
  std::vector<Span> places;
  for (const std::vector<Span> *texts : {&unread.skipped, &unread.dropped})
    for (const Span &text : *texts)
      for (const std::string &word : names)
        each_name(spans, text, word, [&](const Span &at, bool, bool) { places.push_back(at); });
  return places;
}

namespace {

class ShowAction final : public clang::ASTFrontendAction {
public:
  ShowAction(const PrepareUnit &prepare, const ShowUnit &show) : prepare_(prepare), show_(show) {}

  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &compiler, llvm::StringRef) override {
    prepare_(compiler);
    return std::make_unique<Consumer>(compiler, show_);
  }

private:
  struct Consumer final : clang::ASTConsumer {
    Consumer(clang::CompilerInstance &compiler, const ShowUnit &show) : compiler(compiler), show(show) {}
    void HandleTranslationUnit(clang::ASTContext &context) override {
      show(compiler, context, compiler.getDiagnostics().hasErrorOccurred());
    }
    bool shouldSkipFunctionBody(clang::Decl *) override { return false; }
    clang::CompilerInstance &compiler;
    const ShowUnit &show;
  };

  const PrepareUnit &prepare_;
  const ShowUnit &show_;
};

} // namespace

void parse_unit(const CompileUnit &unit, const FileSystem &files, const PrepareUnit &prepare, const ShowUnit &show) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> given = given_files(files);
  DiagnosticCollector diagnostics;
  std::shared_ptr<clang::CompilerInvocation> invocation;
  if (!given->setCurrentWorkingDirectory(unit.directory))
    invocation = make_invocation(unit, given, diagnostics);
  if (!invocation)
    return;
  ShowAction action(prepare, show);
  on_large_stack([&] { run_front_end(std::move(invocation), std::move(given), diagnostics, action); });
}

} // namespace ringfence
