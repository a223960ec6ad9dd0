#include "extract/text/text_items.h"

#include <algorithm>
#include <initializer_list>
#include <set>
#include <utility>

#include <clang/Basic/LangOptions.h>
#include <clang/Lex/Lexer.h>

#include "base/text.h"

namespace ringfence {

using namespace clang;

namespace {

bool is_word(llvm::StringRef name, std::initializer_list<llvm::StringRef> words) {
  return llvm::is_contained(words, name);
}

// Outside of the tree for sure: Python's own, and those of the compiler.
bool is_foreign_header(llvm::StringRef line) {
  return (line.contains('<') && !line.contains('/')) || line.contains("internal/pycore_");
}

class Reader {
public:
  Reader(const std::string &text, bool cplusplus, const std::function<Turn(std::string_view)> &turn)
      : text_(text), language_(language()), lexer_({}, language_, text.data(), text.data(), text.data() + text.size()),
        turn_(turn), cplusplus_(cplusplus) {}

  TextItems read() {
    for (next(); token_.isNot(tok::eof);) {
      if (token_.is(tok::hash) && token_.isAtStartOfLine())
        read_directive();
      else if (is_left_out())
        next();
      else
        read_token();
    }
    end_item();
    read_.understood &= depth_ == 0 && groups_.empty();
    return std::move(read_);
  }

private:
  // An #if with all that belongs to it.
  struct Group {
    int begin = 0, parentheses = 0; // open in front of it
    int end = -1;                   // braces open behind its first branch; -1: not known
    bool has_else = false;
    bool changed = false;     // by the condition of this branch or one before it
    bool opens_error = false; // an #error here would be met
    bool only_cplusplus = false;
  };

  static LangOptions language() {
    LangOptions options;
    options.CPlusPlus = options.LineComment = true; // raw words all the same
    return options;
  }

  void next() { lexer_.LexFromRawLexer(token_); }

  unsigned line() {
    const char *here = lexer_.getBufferLocation();
    line_ += static_cast<unsigned>(std::count(line_at_, here, '\n'));
    line_at_ = here;
    return line_;
  }

  bool is_changed() const {
    return std::any_of(groups_.begin(), groups_.end(), [](const Group &group) { return group.changed; });
  }
  bool is_left_out() const {
    return !cplusplus_ &&
           std::any_of(groups_.begin(), groups_.end(), [](const Group &group) { return group.only_cplusplus; });
  }

  // ---- directives

  void read_directive() {
    const unsigned first = line();
    next();
    if (token_.isAtStartOfLine() || token_.is(tok::eof))
      return;
    const std::string word = token_.is(tok::raw_identifier) ? token_.getRawIdentifier().str() : "";
    std::vector<std::string> names;
    const char *begin = lexer_.getBufferLocation(), *end = begin;
    for (next(); token_.isNot(tok::eof) && !token_.isAtStartOfLine(); next()) {
      if (token_.is(tok::raw_identifier))
        names.push_back(token_.getRawIdentifier().str());
      end = lexer_.getBufferLocation();
    }
    const llvm::StringRef rest = llvm::StringRef(begin, static_cast<std::size_t>(end - begin)).trim();
    if (is_word(word, {"if", "ifdef", "ifndef"}))
      open_group(word, rest);
    else if (is_word(word, {"elif", "elifdef", "elifndef", "else"}))
      next_branch(word, rest);
    else if (word == "endif")
      close_group();
    else if (!is_left_out())
      return read_effect(word, rest, std::move(names), first);
    if (names.empty())
      return;
    std::sort(names.begin(), names.end());
    read_.items.push_back(
        {{}, std::move(names), false, false, first, first}); // conditions: their own names change nothing
  }

  void read_effect(llvm::StringRef word, llvm::StringRef rest, std::vector<std::string> names, unsigned first) {
    const bool defines = is_word(word, {"define", "undef"}) && !names.empty();
    const bool meets_error = word == "error" && !groups_.empty() && groups_.back().opens_error;
    const bool idle = (defines && !cplusplus_) || is_word(word, {"pragma", "warning", "line", ""}) ||
                      (word == "include" && is_foreign_header(rest)) || (word == "error" && !meets_error);
    TextItem item{{}, {}, idle, is_changed() && (defines || !idle), first, line_};
    if (defines) {
      item.names = {names.front()};
      names.erase(names.begin());
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    item.mentions = std::move(names);
    if (item.changed || defines)
      read_.items.push_back(std::move(item));
    if (in_item_ && is_changed() && !idle)
      item_.changed = true;
  }

  void take_condition(Group &group, llvm::StringRef word, llvm::StringRef rest) {
    std::string condition = rest.split("//").first.split("/*").first.trim().str();
    if (word.ends_with("ndef"))
      condition.insert(0, "!");
    const Turn turn = turn_(condition);
    group.changed |= turn != Turn::stays;
    // Beside another condition it guards against a build that nobody makes.
    group.opens_error = turn == Turn::opens && !contains(condition, "&&");
    group.only_cplusplus = is_word(condition, {"__cplusplus", "defined(__cplusplus)", "defined __cplusplus"});
  }

  void open_group(llvm::StringRef word, llvm::StringRef rest) {
    Group group;
    group.begin = depth_;
    group.parentheses = parentheses_;
    take_condition(group, word, rest);
    groups_.push_back(group);
  }

  void end_branch() {
    Group &group = groups_.back();
    if (group.end >= 0 && group.end != depth_)
      read_.understood = false;
    group.end = depth_;
  }

  void next_branch(llvm::StringRef word, llvm::StringRef rest) {
    if (groups_.empty())
      return;
    end_branch();
    Group &group = groups_.back();
    depth_ = group.begin;
    parentheses_ = group.parentheses;
    group.has_else |= word == "else";
    group.opens_error = group.changed; // an #else
    group.only_cplusplus = false;
    if (word != "else")
      take_condition(group, word, rest);
  }

  void close_group() {
    if (groups_.empty())
      return;
    end_branch();
    const Group &group = groups_.back();
    read_.understood &= group.has_else || group.end == group.begin;
    groups_.pop_back();
  }

  // ---- what stands between them

  void read_token() {
    if (!in_item_) {
      item_ = {};
      item_.first_line = line();
      in_item_ = true;
      outer_.clear();
      function_.clear();
      has_body_ = has_value_ = has_local_object_ = false;
    }
    item_.changed |= is_changed();
    const tok::TokenKind kind = token_.getKind();
    if (kind == tok::raw_identifier) {
      mentions_.insert(token_.getRawIdentifier().str());
      has_local_object_ |=
          depth_ > 0 && is_word(token_.getRawIdentifier(), {"static", "_Thread_local", "thread_local"});
      if (depth_ == 0 && parentheses_ == 0)
        outer_.push_back(token_.getRawIdentifier().str());
    }
    if (depth_ == 0 && kind == tok::l_paren && parentheses_ == 0 && last_ == tok::raw_identifier &&
        !is_word(outer_.back(), {"__attribute__", "__declspec", "_Alignas", "alignas"}))
      function_ = outer_.back();
    parentheses_ += depth_ == 0 ? (kind == tok::l_paren) - (kind == tok::r_paren) : 0;
    has_value_ |= depth_ == 0 && parentheses_ == 0 && kind == tok::equal;
    has_body_ |= kind == tok::l_brace;
    depth_ += (kind == tok::l_brace) - (kind == tok::r_brace);
    last_ = kind;
    const bool ends = depth_ == 0 && parentheses_ == 0 &&
                      (kind == tok::semi || (kind == tok::r_brace && !function_.empty() && !has_value_));
    if (depth_ < 0)
      read_.understood = false;
    if (ends)
      end_item();
    next();
  }

  void end_item() {
    if (!in_item_)
      return;
    in_item_ = false;
    item_.last_line = line();
    const bool is_static = llvm::is_contained(outer_, "static"), is_extern = llvm::is_contained(outer_, "extern");
    const bool function = !function_.empty() && !has_value_;
    if (function && (is_static || !has_body_))
      item_.names = {function_};
    else if (is_extern && !has_body_ && !has_value_ && !outer_.empty())
      item_.names = {outer_.back()};
    item_.idle = !cplusplus_ && !item_.names.empty() && !has_local_object_;
    for (const std::string &name : item_.names)
      mentions_.erase(name);
    item_.mentions.assign(mentions_.begin(), mentions_.end());
    mentions_.clear();
    read_.items.push_back(std::move(item_));
  }

  const std::string &text_;
  const LangOptions language_;
  Lexer lexer_;
  const std::function<Turn(std::string_view)> &turn_;
  const bool cplusplus_;
  Token token_;
  TextItems read_;
  std::vector<Group> groups_;
  int depth_ = 0, parentheses_ = 0;
  unsigned line_ = 1;
  const char *line_at_ = text_.data();
  tok::TokenKind last_ = tok::unknown;
  // of the item in hand
  bool in_item_ = false, has_body_ = false, has_value_ = false;
  bool has_local_object_ = false; // a static variable in a function, which is there whoever calls it
  TextItem item_;
  std::set<std::string> mentions_;
  std::vector<std::string> outer_; // identifiers outside of parentheses and braces
  std::string function_;           // the last of them in front of a parenthesis
};

} // namespace

TextItems text_items(const std::string &text, bool cplusplus, const std::function<Turn(std::string_view)> &turn) {
  return Reader(text, cplusplus, turn).read();
}

} // namespace ringfence
