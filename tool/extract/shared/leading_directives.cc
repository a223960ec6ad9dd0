#include "extract/shared/leading_directives.h"

#include <algorithm>
#include <optional>

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>
#include <llvm/ADT/StringSet.h>

namespace ringfence {
namespace {

const llvm::StringSet<> conditions = {"if", "ifdef", "ifndef"};
const llvm::StringSet<> plain = {"define", "undef", "elif", "elifdef", "elifndef", "else", "endif", "error", "warning"};
// What they say depends on the file they stand in, or on what came before it.
const llvm::StringSet<> bound_to_place = {"__FILE__",          "__LINE__",      "__COUNTER__",   "__BASE_FILE__",
                                          "__INCLUDE_LEVEL__", "__FILE_NAME__", "__TIMESTAMP__", "__has_include_next",
                                          "__has_include",     "__has_embed"};
const llvm::StringSet<> bound_pragmas = {"once", "GCC", "clang"};

class DirectiveReader {
public:
  DirectiveReader(const std::string &source, bool line_comments)
      : source_(source), end_(std::min({source.size(), source.find("ringfence:"), source.find("\?\?")})),
        options_(options(line_comments)),
        lexer_({}, options_, source_.data(), source_.data(), source_.data() + source_.size()) {
    next();
  }

  // A directive or a group of them; nothing where anything else begins.
  std::optional<LeadingDirective> read() {
    LeadingDirective result;
    std::size_t depth = 0;
    do {
      const std::optional<std::string> name = read_line(result);
      if (!name)
        return std::nullopt;
      if (conditions.contains(*name))
        ++depth;
      else if (*name == "endif" && depth-- == 0)
        return std::nullopt;
    } while (depth > 0);
    return result;
  }

private:
  static clang::LangOptions options(bool line_comments) {
    clang::LangOptions options;
    options.LineComment = line_comments;
    return options;
  }

  void next() { lexer_.LexFromRawLexer(token_); }
  bool at_line_start() const { return token_.isAtStartOfLine() || token_.is(clang::tok::eof); }
  std::size_t offset() { return lexer_.getCurrentBufferOffset() - token_.getLength(); }

  llvm::StringRef spelling() {
    clean_.clear();
    const llvm::StringRef raw(source_.data() + offset(), token_.getLength());
    if (!token_.needsCleaning())
      return raw;
    for (std::size_t at = 0; at < raw.size();) {
      const clang::Lexer::SizedChar character = clang::Lexer::getCharAndSizeNoWarn(raw.data() + at, options_);
      clean_ += character.Char;
      at += character.Size;
    }
    return clean_;
  }

  // Adds one directive and gives its name; nothing where it must stay where it is.
  std::optional<std::string> read_line(LeadingDirective &result) {
    if (token_.isNot(clang::tok::hash) || !token_.isAtStartOfLine())
      return std::nullopt;
    const std::size_t begin = offset();
    std::size_t end = begin + 1;
    std::string text = "#", name;
    for (next(); !at_line_start(); next()) {
      const llvm::StringRef word = spelling();
      if (token_.is(clang::tok::raw_identifier) && bound_to_place.contains(word))
        return std::nullopt;
      if (name.empty())
        name = word.str();
      else if (text.size() > 1 && (token_.hasLeadingSpace() || text.size() == name.size() + 1))
        text += ' ';
      text += word;
      end = lexer_.getCurrentBufferOffset();
    }
    if (std::min(source_.find('\n', end), source_.size()) > end_ || !may_move(name, text, result.quoted))
      return std::nullopt;
    result.text += text + "\n";
    result.places.emplace_back(begin, end);
    return name;
  }

  static bool may_move(llvm::StringRef name, llvm::StringRef text, std::vector<std::string> &quoted) {
    llvm::StringRef operand = text.drop_front(1 + name.size()).trim();
    if (name == "pragma")
      return !bound_pragmas.contains(operand.take_while([](char c) { return c != ' '; }));
    if (name != "include")
      return conditions.contains(name) || plain.contains(name);
    // "//" in a name looks like a comment here.
    if (operand.consume_front("<"))
      return operand.ends_with(">") && !operand.contains(' ') && operand.count('>') == 1;
    if (!operand.consume_front("\"") || !operand.consume_back("\"") || operand.contains('"'))
      return false;
    quoted.push_back(operand.str());
    return true;
  }

  const std::string &source_;
  std::size_t end_; // of what may be looked at
  clang::LangOptions options_;
  clang::Lexer lexer_;
  clang::Token token_;
  std::string clean_;
};

} // namespace

std::vector<LeadingDirective> leading_directives(const std::string &source, bool line_comments) {
  std::vector<LeadingDirective> directives;
  DirectiveReader reader(source, line_comments);
  while (std::optional<LeadingDirective> directive = reader.read())
    directives.push_back(std::move(*directive));
  return directives;
}

std::string without_directives(std::string source, const std::vector<LeadingDirective> &directives, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    for (const auto &[begin, end] : directives[i].places)
      std::replace_if(
          source.begin() + static_cast<std::ptrdiff_t>(begin), source.begin() + static_cast<std::ptrdiff_t>(end),
          [](char c) { return c != '\n' && c != '\r'; }, ' ');
  return source;
}

} // namespace ringfence
