#include "extract/preprocessor_facts.h"

#include <clang/AST/DeclTemplate.h>
#include <clang/Lex/Lexer.h>
#include <clang/Lex/PPCallbacks.h>
#include <clang/Lex/Preprocessor.h>
#include <llvm/Support/JSON.h>

#include "extract/inactive.h"

namespace ringfence {

namespace {

struct Span {
  clang::FileID file;
  unsigned begin, end; // byte offsets
};

constexpr llvm::StringLiteral marker = "ringfence:";

} // namespace

class PreprocessorRecorder final : public clang::PPCallbacks, public clang::CommentHandler {
public:
  PreprocessorRecorder(const clang::SourceManager &sources, FileTable &files) : sources_(sources), files_(files) {}

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
    if (file == end_file && begin < end)
      skipped.push_back({file, begin, end});
  }

  bool HandleComment(clang::Preprocessor &, clang::SourceRange range) override {
    auto [file, begin] = sources_.getDecomposedLoc(range.getBegin());
    unsigned end = sources_.getFileOffset(range.getEnd());
    if (sources_.getBufferData(file).slice(begin, end).contains(marker) && files_.in_project(range.getBegin()))
      comments.push_back({file, begin, end});
    return false;
  }

  std::vector<Span> skipped, comments;

private:
  const clang::SourceManager &sources_;
  FileTable &files_;
};

PreprocessorRecorder &record_preprocessor(clang::Preprocessor &preprocessor, FileTable &files) {
  auto recorder = std::make_unique<PreprocessorRecorder>(preprocessor.getSourceManager(), files);
  PreprocessorRecorder &reference = *recorder;
  preprocessor.addCommentHandler(&reference);
  preprocessor.addPPCallbacks(std::move(recorder));
  return reference;
}

namespace {

// The line of the first code at or after `offset`: comments and directives are none. 0 where the file ends.
std::uint32_t next_code_line(const clang::SourceManager &sources, clang::FileID file, unsigned offset,
                             const clang::LangOptions &language) {
  llvm::StringRef text = sources.getBufferData(file);
  clang::Lexer lexer(sources.getLocForStartOfFile(file), language, text.begin(), text.begin() + offset, text.end());
  clang::Token token;
  bool in_directive = false;
  for (;;) {
    lexer.LexFromRawLexer(token);
    if (token.is(clang::tok::eof))
      return 0;
    if (token.isAtStartOfLine())
      in_directive = token.is(clang::tok::hash);
    if (!in_directive)
      return sources.getLineNumber(file, sources.getFileOffset(token.getLocation()));
  }
}

// What a part of a file lies in.
enum class Inside { nothing, function, declaration };

class Extents {
public:
  Extents(const clang::SourceManager &sources, const Roots &roots, const std::vector<Span> &spans) {
    for (const Span &span : spans)
      by_file_[span.file];
    for (const clang::Decl *root : roots) {
      auto [file, begin] = sources.getDecomposedExpansionLoc(root->getBeginLoc());
      auto found = by_file_.find(file);
      if (found == by_file_.end())
        continue;
      auto [end_file, end] = sources.getDecomposedExpansionLoc(root->getEndLoc());
      const clang::Decl *inner = root;
      if (const auto *pattern = llvm::dyn_cast<clang::TemplateDecl>(root); pattern && pattern->getTemplatedDecl())
        inner = pattern->getTemplatedDecl();
      bool opens = llvm::isa<clang::FunctionDecl>(inner) || llvm::isa<clang::CXXRecordDecl>(inner);
      if (end_file == file)
        found->second.push_back({begin, end, opens ? Inside::function : Inside::declaration});
    }
  }

  Inside at(const Span &span) const {
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
  Extents extents(sources, roots, recorder.skipped);
  for (const Span &span : recorder.skipped) {
    Inside inside = extents.at(span);
    if (inside == Inside::declaration)
      continue;
    llvm::StringRef text = sources.getBufferData(span.file);
    Surroundings surroundings = inside == Inside::function ? Surroundings::function : Surroundings::file_scope;
    for (FoundName &found :
         find_declarations(text.slice(span.begin, span.end), surroundings, registry.context().getLangOpts())) {
      unsigned offset = span.begin + static_cast<unsigned>(found.offset);
      Location location = registry.location(sources.getLocForStartOfFile(span.file).getLocWithOffset(offset));
      registry.facts().inactive.push_back(
          {std::move(found.name), llvm::json::fixUTF8(condition_at(text, offset)), location});
    }
  }
}

void add_allowances(llvm::StringRef text, const Location &location, std::uint32_t line,
                    std::vector<Allowance> &allowances) {
  for (std::size_t place = text.find(marker); place != llvm::StringRef::npos; place = text.find(marker)) {
    text = text.substr(place + marker.size());
    llvm::StringRef words = text.take_until([](char c) { return c == '\n' || c == '\r'; });
    words = words.substr(0, words.find("*/")).trim();
    if (!words.consume_front("allow") || !words.starts_with(" "))
      continue;
    auto [rule, reason] = words.ltrim().split(' ');
    allowances.push_back({rule.str(), llvm::json::fixUTF8(reason.trim()), location, line});
  }
}

void read_allowances(Registry &registry, const PreprocessorRecorder &recorder) {
  const clang::SourceManager &sources = registry.context().getSourceManager();
  for (const Span &span : recorder.comments) {
    llvm::StringRef text = sources.getBufferData(span.file);
    llvm::StringRef before = text.take_front(span.begin);
    bool after_code = !before.substr(before.rfind('\n') + 1).trim().empty();
    Location location = registry.location(sources.getLocForStartOfFile(span.file).getLocWithOffset(span.begin));
    std::uint32_t line =
        after_code ? location.line : next_code_line(sources, span.file, span.end, registry.context().getLangOpts());
    add_allowances(text.slice(span.begin, span.end), location, line, registry.facts().allowances);
  }
}

} // namespace ringfence
