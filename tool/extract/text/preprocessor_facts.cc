#include "extract/text/preprocessor_facts.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/StringMap.h>
#include <llvm/Support/JSON.h>

#include "base/text.h"
#include "extract/declarations/allowance_text.h"
#include "extract/text/inactive.h"

namespace ringfence {

struct SkippedText {
  clang::FileID file;
  unsigned begin, end; // byte offsets
};

// A branch that is not compiled, and what is found there if it stands in no function. Found while the preprocessor
// runs, so that a shared parse looks through a header once.
struct SkippedBranch {
  SkippedText span;
  std::vector<FoundName> claims, declarations;
};

class PreprocessorRecorder final : public clang::PPCallbacks, public clang::CommentHandler {
public:
  PreprocessorRecorder(const clang::Preprocessor &preprocessor, FileTable &files)
      : sources_(preprocessor.getSourceManager()), language_(preprocessor.getLangOpts()), files_(files) {}

  void LexedFileChanged(clang::FileID id, LexedFileChangeReason reason, clang::SrcMgr::CharacteristicKind,
                        clang::FileID, clang::SourceLocation) override {
    if (reason == LexedFileChangeReason::EnterFile)
      files_.file(id);
  }

  void SourceRangeSkipped(clang::SourceRange range, clang::SourceLocation) override {
    if (!files_.in_project(range.getBegin()))
      return;
    auto [file, begin] = sources_.getDecomposedLoc(range.getBegin());
    auto [end_file, end] = sources_.getDecomposedLoc(range.getEnd());
    if (file != end_file || begin >= end)
      return;
    skipped_text.push_back({file, begin, end});
    const llvm::StringRef text = sources_.getBufferData(file).slice(begin, end);
    SkippedBranch branch{
        {file, begin, end}, find_claims(text, language_), find_declarations(text, Surroundings::file_scope, language_)};
    if (!branch.claims.empty() || !branch.declarations.empty())
      skipped.push_back(std::move(branch));
  }

  bool HandleComment(clang::Preprocessor &, clang::SourceRange range) override {
    auto [file, begin] = sources_.getDecomposedLoc(range.getBegin());
    auto [marked, fresh] = marked_.try_emplace(file, false);
    if (fresh)
      marked->second = files_.in_project(range.getBegin()) && contains(sources_.getBufferData(file), allowance_marker);
    if (!marked->second)
      return false;
    unsigned end = sources_.getFileOffset(range.getEnd());
    if (contains(sources_.getBufferData(file).slice(begin, end), allowance_marker))
      comments.push_back({file, begin, end});
    return false;
  }

  std::vector<SkippedBranch> skipped;    // in which something is found
  std::vector<SkippedText> skipped_text; // of files of the project
  std::vector<SkippedText> comments;

private:
  const clang::SourceManager &sources_;
  const clang::LangOptions &language_;
  FileTable &files_;
  llvm::DenseMap<clang::FileID, bool> marked_; // whether it is a file of the project with the marker in it
};

PreprocessorRecorder &record_preprocessor(clang::Preprocessor &preprocessor, FileTable &files) {
  auto recorder = std::make_unique<PreprocessorRecorder>(preprocessor, files);
  PreprocessorRecorder &reference = *recorder;
  preprocessor.addCommentHandler(&reference);
  preprocessor.addPPCallbacks(std::move(recorder));
  return reference;
}

namespace {

struct Lines {
  std::uint32_t first, last;
};

// The lines of the first declaration or statement at or after `offset`, without the braces that it opens: comments and
// directives are none. Zeros where the file ends.
Lines next_code(const clang::SourceManager &sources, clang::FileID file, unsigned offset,
                const clang::LangOptions &language) {
  constexpr std::uint32_t at_most = 20; // where a macro leaves parentheses open
  llvm::StringRef text = sources.getBufferData(file);
  clang::Lexer lexer(sources.getLocForStartOfFile(file), language, text.begin(), text.begin() + offset, text.end());
  clang::Token token;
  Lines lines{0, 0};
  bool in_directive = false;
  for (int open = 0;;) {
    lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof))
      return lines;
    if (token.isAtStartOfLine())
      in_directive = token.is(clang::tok::hash);
    if (in_directive)
      continue;
    std::uint32_t line = sources.getLineNumber(file, sources.getFileOffset(token.getLocation()));
    if (lines.first == 0)
      lines.first = line;
    if (line - lines.first >= at_most)
      return lines;
    lines.last = line;
    open += token.is(clang::tok::l_paren) - token.is(clang::tok::r_paren);
    if (open <= 0 && token.isOneOf(clang::tok::semi, clang::tok::l_brace, clang::tok::r_brace))
      return lines;
  }
}

// What a part of a file lies in.
enum class Inside { nothing, function, declaration };

class Extents {
public:
  Extents(const clang::SourceManager &sources, const Roots &roots, const std::vector<SkippedBranch> &branches) {
    for (const SkippedBranch &branch : branches)
      if (!branch.declarations.empty())
        by_file_[branch.span.file];
    if (by_file_.empty())
      return;
    // The end first: many a declaration begins with a macro, whose place costs more to find.
    for (const clang::Decl *root : roots) {
      auto [end_file, end] = sources.getDecomposedExpansionLoc(root->getEndLoc());
      auto found = by_file_.find(end_file);
      if (found == by_file_.end())
        continue;
      auto [file, begin] = sources.getDecomposedExpansionLoc(root->getBeginLoc());
      const clang::Decl *inner = root;
      if (const auto *pattern = llvm::dyn_cast<clang::TemplateDecl>(root); pattern && pattern->getTemplatedDecl())
        inner = pattern->getTemplatedDecl();
      bool opens = llvm::isa<clang::FunctionDecl>(inner) || llvm::isa<clang::CXXRecordDecl>(inner);
      if (end_file == file)
        found->second.push_back({begin, end, opens ? Inside::function : Inside::declaration});
    }
  }

  // Of a branch with declarations.
  Inside at(const SkippedText &span) const {
    for (const Extent &extent : by_file_.find(span.file)->second)
      if (extent.begin < span.begin && span.begin < extent.end)
        return extent.inside;
    return Inside::nothing;
  }

private:
  struct Extent {
    unsigned begin, end;
    Inside inside;
  };
  llvm::DenseMap<clang::FileID, std::vector<Extent>> by_file_;
};

} // namespace

void read_inactive(Registry &registry, const PreprocessorRecorder &recorder, const Roots &roots) {
  const clang::SourceManager &sources = registry.context().getSourceManager();
  const clang::LangOptions &language = registry.context().getLangOpts();
  const Extents extents(sources, roots, recorder.skipped);
  llvm::DenseMap<clang::FileID, BranchConditions> conditions;
  const auto add = [&](const SkippedText &span, const std::vector<FoundName> &names) {
    BranchConditions &around = conditions.try_emplace(span.file, sources.getBufferData(span.file)).first->second;
    for (const FoundName &found : names) {
      const unsigned offset = span.begin + static_cast<unsigned>(found.offset);
      const Location location = registry.location(sources.getLocForStartOfFile(span.file).getLocWithOffset(offset));
      registry.facts().inactive.push_back({found.name, llvm::json::fixUTF8(around.at(offset)), location});
    }
  };
  for (const SkippedBranch &branch : recorder.skipped) {
    const SkippedText &span = branch.span;
    add(span, branch.claims);
    const Inside inside = branch.declarations.empty() ? Inside::declaration : extents.at(span);
    if (inside == Inside::function)
      add(span, find_declarations(sources.getBufferData(span.file).slice(span.begin, span.end), Surroundings::function,
                                  language));
    else if (inside == Inside::nothing)
      add(span, branch.declarations);
  }
  llvm::StringSet<> macros; // that declare objects here, and may declare others where a branch defines them anew
  for (const Object &object : registry.facts().objects)
    if (!object.macro.empty() && object.storage != Storage::member)
      macros.insert(object.macro);
  if (!macros.empty())
    for (const SkippedText &span : recorder.skipped_text)
      add(span, find_definitions(sources.getBufferData(span.file).slice(span.begin, span.end), macros));
}

namespace {

// From the line of an error to the end of its statement.
SkippedText statement_at(const clang::FullSourceLoc &error) {
  constexpr std::size_t at_most = 2000; // bytes
  const auto [file, offset] = error.getExpansionLoc().getDecomposedLoc();
  const llvm::StringRef text = error.getManager().getBufferData(file);
  const std::size_t line = text.rfind('\n', offset), begin = line == llvm::StringRef::npos ? 0 : line + 1;
  const std::size_t end = std::min({text.find(';', offset), text.size(), begin + at_most});
  return {file, static_cast<unsigned>(begin), static_cast<unsigned>(std::max<std::size_t>(end, offset))};
}

class UnreadNames {
public:
  explicit UnreadNames(Registry &registry) : registry_(registry), sources_(registry.context().getSourceManager()) {
    for (Index i = 0; i < registry.facts().objects.size(); ++i)
      if (const clang::VarDecl *variable = registry.variable(i))
        add(*variable);
    for (const clang::VarDecl *variable : registry.left())
      add(*variable);
  }

  // Whether the file declares an object.
  bool concerns(clang::FileID file) const { return files_.contains(file); }

  void read(const SkippedText &span) {
    const clang::SourceLocation start = sources_.getLocForStartOfFile(span.file).getLocWithOffset(span.begin);
    const std::string text = sources_.getBufferData(span.file).slice(span.begin, span.end).str(); // ends with zero
    clang::Lexer lexer(start, registry_.context().getLangOpts(), text.data(), text.data(), text.data() + text.size());
    for (clang::Token token; lexer.LexFromRawLexer(token), token.isNot(clang::tok::eof);)
      if (token.is(clang::tok::raw_identifier))
        if (const auto found = variables_.find(token.getRawIdentifier()); found != variables_.end())
          name(found->second, token.getLocation());
  }

private:
  void add(const clang::VarDecl &variable) {
    const clang::VarDecl *canonical = variable.getCanonicalDecl();
    if (variable.getDeclName().isIdentifier())
      if (auto &named = variables_[variable.getName()]; !llvm::is_contained(named, canonical))
        named.push_back(canonical);
    files_.insert(sources_.getFileID(sources_.getExpansionLoc(variable.getLocation())));
  }

  // Each object once.
  void name(std::vector<const clang::VarDecl *> &variables, clang::SourceLocation place) {
    std::erase_if(variables, [&](const clang::VarDecl *variable) {
      if (!can_mean(*variable, place))
        return false;
      const Index object = registry_.object(variable);
      if (!registry_.facts().objects[object].type.deep_const)
        registry_.facts().unread_names.push_back({object, registry_.location(place)});
      return true;
    });
  }

  // What a function declares is named in that function alone.
  bool can_mean(const clang::VarDecl &variable, clang::SourceLocation place) const {
    const auto *function = llvm::dyn_cast<clang::FunctionDecl>(variable.getDeclContext());
    if (!function)
      return true;
    const auto begin = sources_.getDecomposedExpansionLoc(function->getBeginLoc()),
               end = sources_.getDecomposedExpansionLoc(function->getEndLoc()), at = sources_.getDecomposedLoc(place);
    return begin.first == at.first && begin.second < at.second && at.second < end.second;
  }

  Registry &registry_;
  const clang::SourceManager &sources_;
  llvm::StringMap<std::vector<const clang::VarDecl *>> variables_; // by name, without those that were named
  llvm::DenseSet<clang::FileID> files_;                            // that declare one
};

} // namespace

void read_unread_names(Registry &registry, const PreprocessorRecorder &recorder,
                       const std::vector<clang::FullSourceLoc> &errors) {
  UnreadNames names(registry);
  for (const clang::FullSourceLoc &error : errors)
    if (error.isValid() && registry.in_project(error))
      names.read(statement_at(error));
  for (const SkippedText &span : recorder.skipped_text)
    if (span.file == registry.context().getSourceManager().getMainFileID() || names.concerns(span.file))
      names.read(span);
}

// What a comment speaks of: alone on its line, of the code below; after code, of that code to its end.
Lines lines_of_comment(const clang::SourceManager &sources, const SkippedText &span, std::uint32_t line,
                       const clang::LangOptions &language) {
  llvm::StringRef before = sources.getBufferData(span.file).take_front(span.begin);
  before = before.substr(before.rfind('\n') + 1).trim();
  if (before.empty())
    return next_code(sources, span.file, span.end, language);
  bool ended = llvm::StringRef(";,{}").contains(before.back());
  return {line, ended ? line : std::max(line, next_code(sources, span.file, span.end, language).last)};
}

void read_allowances(Registry &registry, const PreprocessorRecorder &recorder) {
  const clang::SourceManager &sources = registry.context().getSourceManager();
  for (const SkippedText &span : recorder.comments) {
    Allowance about;
    about.location = registry.location(sources.getLocForStartOfFile(span.file).getLocWithOffset(span.begin));
    Lines lines = lines_of_comment(sources, span, about.location.line, registry.context().getLangOpts());
    about.line = lines.first;
    about.last_line = lines.last;
    add_allowances(sources.getBufferData(span.file).slice(span.begin, span.end), about, registry.facts().allowances);
  }
}

} // namespace ringfence
