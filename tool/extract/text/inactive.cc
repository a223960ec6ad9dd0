#include "extract/text/inactive.h"

#include <clang/Lex/Lexer.h>
#include <llvm/ADT/STLExtras.h>
#include <llvm/ADT/StringExtras.h>

#include "base/text.h"
#include "knowledge/api_names.h"

namespace ringfence {

namespace {

struct Word {
  llvm::StringRef text;
  std::size_t offset;
  bool identifier;
};

// Splits skipped text into statements and reads a declaration's names from each. Nested conditionals are all read: the
// brace depth at an #else is that at its #if.
class DeclarationFinder {
public:
  DeclarationFinder(llvm::StringRef text, Surroundings surroundings, const clang::LangOptions &language)
      : text_(text), in_function_(surroundings == Surroundings::function),
        lexer_(clang::SourceLocation(), language, text.begin(), text.begin(), text.end()) {}

  std::vector<FoundName> find() {
    for (bool more = lex(); more; more = lex()) {
      if (token_.is(clang::tok::hash) && token_.isAtStartOfLine())
        directive();
      else
        word();
    }
    return std::move(found_);
  }

private:
  bool lex() {
    lexer_.LexFromRawLexer(token_);
    return token_.isNot(clang::tok::eof);
  }
  llvm::StringRef spelling() const { return text_.substr(offset(), token_.getLength()); }
  std::size_t offset() const { return lexer_.getBufferLocation() - text_.begin() - token_.getLength(); }

  void directive();
  void word();
  void open_brace();
  void end_statement();
  void add_declarator(llvm::ArrayRef<Word> words, bool first);
  bool says(llvm::StringRef keyword) const {
    return llvm::any_of(statement_, [&](const Word &word) { return word.text == keyword; });
  }

  llvm::StringRef text_;
  bool in_function_;
  clang::Lexer lexer_;
  clang::Token token_;
  int depth_ = 0;      // of braces that are passed over: records, initialisers
  int body_depth_ = 0; // of braces of a function's body
  int parentheses_ = 0;
  bool initialiser_ = false;                      // between `=` and the next `,` or `;`
  std::vector<std::pair<int, int>> conditionals_; // depths at each open #if
  std::vector<Word> statement_;
  std::vector<FoundName> found_;
};

void DeclarationFinder::directive() {
  lexer_.LexFromRawLexer(token_);
  llvm::StringRef name = token_.isAnyIdentifier() ? spelling() : llvm::StringRef();
  if (name.starts_with("if")) {
    conditionals_.push_back({depth_, body_depth_});
  } else if (name.starts_with("el") && !conditionals_.empty()) {
    std::tie(depth_, body_depth_) = conditionals_.back();
    statement_.clear();
    parentheses_ = 0;
    initialiser_ = false;
  } else if (name == "endif" && !conditionals_.empty()) {
    conditionals_.pop_back();
  }
  // The rest of the line, with its continuations.
  std::size_t end = offset();
  do {
    end = text_.find('\n', end + 1);
  } while (end != llvm::StringRef::npos && text_.substr(0, end).rtrim('\r').ends_with("\\"));
  lexer_.seek(end == llvm::StringRef::npos ? text_.size() : end + 1, /*IsAtStartOfLine=*/true);
}

void DeclarationFinder::word() {
  using namespace clang;
  switch (token_.getKind()) {
  case tok::l_brace:
    open_brace();
    return;
  case tok::r_brace:
    if (depth_ > 0)
      --depth_;
    else if (body_depth_ > 0)
      --body_depth_;
    if (depth_ == 0 && (body_depth_ > 0 || statement_.empty()))
      statement_.clear();
    return;
  case tok::l_paren:
  case tok::l_square:
    ++parentheses_;
    break;
  case tok::r_paren:
  case tok::r_square:
    parentheses_ = std::max(0, parentheses_ - 1);
    break;
  case tok::semi:
    if (depth_ == 0)
      end_statement();
    return;
  default:
    break;
  }
  if (depth_ == 0)
    statement_.push_back({spelling(), offset(), token_.is(tok::raw_identifier)});
}

void DeclarationFinder::open_brace() {
  bool initialises = says("=");
  bool record = says("struct") || says("union") || says("enum") || says("class");
  bool scope = says("namespace") || (statement_.size() == 2 && statement_[0].text == "extern");
  bool after_parameters = !statement_.empty() && statement_.back().text == ")";
  if (depth_ > 0 || initialises || (record && !after_parameters)) {
    if (depth_++ == 0)
      statement_.push_back({text_.substr(offset(), 1), offset(), false});
  } else if (scope && body_depth_ == 0) {
    statement_.clear(); // its closing brace is ignored
  } else {
    ++body_depth_;
    statement_.clear();
    parentheses_ = 0;
  }
}

// "static T *a = x, b[2];": the first declarator has the type before it.
void DeclarationFinder::end_statement() {
  std::vector<Word> words = std::move(statement_);
  statement_.clear();
  parentheses_ = 0;
  static const llvm::StringRef never[] = {
      "typedef", "using", "return", "goto",          "template",       "friend", "case",  "if",     "for",    "while",
      "switch",  "do",    "else",   "static_assert", "_Static_assert", "delete", "throw", "import", "export", "asm"};
  if (words.empty() || llvm::is_contained(never, words.front().text))
    return;
  bool is_static = llvm::any_of(words, [](const Word &word) {
    return word.text == "static" || word.text == "thread_local" || word.text == "_Thread_local" ||
           word.text == "__thread";
  });
  if ((in_function_ || body_depth_ > 0) && !is_static)
    return;
  bool is_extern = words.front().text == "extern";
  bool first = true;
  int nesting = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= words.size(); ++i) {
    llvm::StringRef text = i < words.size() ? words[i].text : ",";
    nesting += text == "(" || text == "[" ? 1 : text == ")" || text == "]" ? -1 : 0;
    if (text != "," || (nesting > 0 && i < words.size()))
      continue;
    llvm::ArrayRef<Word> declarator = llvm::ArrayRef(words).slice(start, i - start);
    bool initialised = llvm::any_of(declarator, [](const Word &word) { return word.text == "="; });
    if (!is_extern || initialised)
      add_declarator(declarator, first);
    first = false;
    start = i + 1;
  }
}

// Finds the name in "T *name", "name[3]", "(*name)(int)"; a function's declarator has none.
void DeclarationFinder::add_declarator(llvm::ArrayRef<Word> words, bool first) {
  static const llvm::StringRef not_a_name[] = {"const",  "volatile", "restrict", "static", "int",    "char",
                                               "long",   "short",    "unsigned", "float",  "double", "void",
                                               "signed", "inline",   "_Bool",    "bool"};
  int before = 0; // words of the type
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Word &word = words[i];
    if (word.text == "=")
      return;
    if (word.text == "__attribute__" || word.text == "__declspec" || word.text == "_Alignas" ||
        word.text == "alignas" || word.text == "typeof" || word.text == "__typeof__" || word.text == "decltype") {
      int nesting = 0;
      do {
        ++i;
        nesting += i < words.size() ? (words[i].text == "(") - (words[i].text == ")") : 0;
      } while (i < words.size() && nesting > 0);
      ++before;
      continue;
    }
    if (word.text == "struct" || word.text == "union" || word.text == "enum" || word.text == "class") {
      i += i + 1 < words.size() && words[i + 1].identifier; // its tag
      ++before;
      continue;
    }
    if (word.text == "(" && i + 2 < words.size() && words[i + 1].text == "*" && (before > 0 || !first)) {
      std::size_t name = i + 2;
      while (name < words.size() && llvm::is_contained(not_a_name, words[name].text))
        ++name;
      if (name < words.size() && words[name].identifier)
        found_.push_back({words[name].text.str(), words[name].offset});
      return;
    }
    if (word.text == "(")
      return; // a function, a macro's call
    if (!word.identifier)
      continue;
    llvm::StringRef next = i + 1 < words.size() ? words[i + 1].text : ";";
    bool ends =
        next == ";" || next == "=" || next == "[" || next == "__attribute__" || next == "asm" || next == "__asm__";
    if (ends && (before > 0 || !first) && !llvm::is_contained(not_a_name, word.text)) {
      found_.push_back({word.text.str(), word.offset});
      return;
    }
    if (word.text != "static" && word.text != "extern")
      ++before;
  }
}

// A directive's line without comments, continuations joined; moves `position` behind it.
std::string directive_line(llvm::StringRef text, std::size_t &position) {
  std::string line;
  while (position < text.size() && text[position] != '\n') {
    if (text.substr(position).starts_with("\\\n") || text.substr(position).starts_with("\\\r\n")) {
      position = text.find('\n', position) + 1;
      line += ' ';
    } else if (text.substr(position).starts_with("//")) {
      position = std::min(text.find('\n', position), text.size());
    } else if (text.substr(position).starts_with("/*")) {
      std::size_t end = text.find("*/", position + 2);
      position = end == llvm::StringRef::npos ? text.size() : end + 2;
      line += ' ';
    } else {
      line += text[position++];
    }
  }
  return line;
}

// "a  &&\tb" as "a && b".
std::string squeeze(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef, 16> words;
  llvm::SplitString(text, words);
  return llvm::join(words, " ");
}

std::string negated(llvm::StringRef condition) {
  if (condition.starts_with("defined(") && condition.find(')') == condition.size() - 1)
    return "!" + condition.str();
  if (condition.starts_with("!defined(") && condition.find(')') == condition.size() - 1)
    return condition.drop_front().str();
  return "!(" + condition.str() + ")";
}

void conjoin(std::string &all, llvm::StringRef condition) {
  if (!condition.empty())
    all += (all.empty() ? "" : " && ") + condition.str();
}

} // namespace

std::vector<FoundName> find_declarations(llvm::StringRef text, Surroundings surroundings,
                                         const clang::LangOptions &language) {
  if (!text.contains(';'))
    return {};
  std::string terminated = text.str(); // the lexer stops at a null character alone
  return DeclarationFinder(terminated, surroundings, language).find();
}

std::vector<FoundName> find_claims(llvm::StringRef text, const clang::LangOptions &language) {
  if (llvm::none_of(claim_words, [&](const auto &claim) { return contains(text, claim.first); }))
    return {};
  const std::string terminated = text.str(); // as above
  clang::Lexer lexer(clang::SourceLocation(), language, terminated.data(), terminated.data(),
                     terminated.data() + terminated.size());
  std::vector<FoundName> found;
  bool directive = false;
  for (clang::Token token; lexer.LexFromRawLexer(token), token.isNot(clang::tok::eof);) {
    if (token.isAtStartOfLine())
      directive = token.is(clang::tok::hash);
    if (directive || token.isNot(clang::tok::raw_identifier))
      continue;
    const llvm::StringRef written = token.getRawIdentifier();
    for (const auto &[word, claim] : claim_words)
      if (written == llvm::StringRef(word))
        found.push_back({std::string(claim), static_cast<std::size_t>(written.data() - terminated.data())});
  }
  return found;
}

std::vector<FoundName> find_definitions(llvm::StringRef text, const llvm::StringSet<> &macros) {
  constexpr llvm::StringRef word = "define";
  std::vector<FoundName> found;
  for (std::size_t at = text.find(word); at != llvm::StringRef::npos; at = text.find(word, at + 1)) {
    if (text.slice(text.rfind('\n', at) + 1, at).trim() != "#")
      continue;
    const llvm::StringRef name =
        text.substr(at + word.size()).ltrim(" \t").take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (macros.contains(name))
      found.push_back({name.str(), static_cast<std::size_t>(name.data() - text.data())});
  }
  return found;
}

void BranchConditions::follow(llvm::StringRef directive) {
  directive = directive.ltrim();
  llvm::StringRef name = directive.take_while([](char c) { return llvm::isAlpha(c); });
  std::string rest = squeeze(directive.drop_front(name.size()));
  auto condition = [&](llvm::StringRef kind) {
    return kind == "def" ? "defined(" + rest + ")" : kind == "ndef" ? "!defined(" + rest + ")" : rest;
  };
  if (name == "if" || name == "ifdef" || name == "ifndef") {
    branches_.push_back({condition(name.drop_front(2)), "", false});
  } else if ((name == "elif" || name == "elifdef" || name == "elifndef" || name == "else") && !branches_.empty()) {
    Branch &branch = branches_.back();
    conjoin(branch.earlier, negated(branch.own));
    branch.own = name == "else" ? "" : condition(name.drop_front(4));
  } else if (name == "endif" && !branches_.empty()) {
    branches_.pop_back();
  } else if (name == "define" && !branches_.empty()) { // right after #ifndef of the same name: an include guard
    Branch &branch = branches_.back();
    branch.guard |= branches_.size() == 1 && branch.earlier.empty() && branch.own == "!defined(" + rest + ")";
  }
}

void BranchConditions::read_to(std::size_t offset) {
  if (offset < position_) {
    position_ = 0;
    line_start_ = true;
    branches_.clear();
  }
  std::size_t &i = position_;
  while (i < offset && i < text_.size()) {
    const char c = text_[i];
    if (line_start_ && c == '#') {
      follow(directive_line(text_, ++i));
    } else if (text_.substr(i).starts_with("/*")) {
      const std::size_t end = text_.find("*/", i + 2);
      i = end == llvm::StringRef::npos ? text_.size() : end + 2;
    } else if (text_.substr(i).starts_with("//")) {
      i = std::min(text_.find('\n', i), text_.size());
    } else if (c == '"') {
      for (++i; i < text_.size() && text_[i] != '"' && text_[i] != '\n'; ++i)
        i += text_[i] == '\\';
      ++i;
      line_start_ = false;
    } else if (c == '\n' || (line_start_ && (c == ' ' || c == '\t' || c == '\r'))) {
      line_start_ = true;
      ++i;
    } else {
      line_start_ = false;
      i = std::min(text_.find_first_of("\n\"/", i + 1), text_.size());
    }
  }
}

std::string BranchConditions::at(std::size_t offset) {
  read_to(offset);
  std::string all;
  for (const Branch &branch : branches_) {
    if (branch.guard)
      continue;
    conjoin(all, branch.earlier);
    bool alternatives = llvm::StringRef(branch.own).contains("||");
    conjoin(all,
            alternatives && (branches_.size() > 1 || !branch.earlier.empty()) ? "(" + branch.own + ")" : branch.own);
  }
  return all;
}

} // namespace ringfence
