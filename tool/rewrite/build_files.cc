#include "rewrite/build_files.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include "base/path.h"
#include "base/text.h"
#include "rewrite/build_paths.h"
#include "rewrite/build_words.h"
#include "rewrite/text_places.h"

namespace ringfence {
namespace {

using Kind = BuildWord::Kind;
using Form = BuildListing::Form;

// Names of build languages.
constexpr std::string_view other_lists[] = {"depends",  "data",       "package_data", "data_files",
                                            "include",  "exclude",    "headers",      "extra_objects",
                                            "packages", "py_modules", "py_limited"};
constexpr std::string_view patterns[] = {"glob", "iglob", "rglob"};
constexpr std::string_view meson_targets[] = {"extension_module", "library",        "shared_library", "shared_module",
                                              "both_libraries",   "static_library", "executable",     "files"};
// Commands of CMake whose arguments are no sources of a target.
constexpr std::string_view other_commands[] = {"if",
                                               "elseif",
                                               "message",
                                               "install",
                                               "configure_file",
                                               "execute_process",
                                               "source_group",
                                               "set_property",
                                               "set_source_files_properties",
                                               "add_custom_command",
                                               "add_custom_target",
                                               "add_test",
                                               "string",
                                               "include"};
constexpr std::string_view keywords[] = {"in", "for", "return", "else",   "if", "and",
                                         "or", "not", "yield",  "lambda", "is"};
// Calls whose result is the path that they are given.
constexpr std::string_view path_calls[] = {"join",    "join_paths", "joinpath", "normcase", "normpath",
                                           "abspath", "relpath",    "dirname",  "realpath", "fspath",
                                           "str",     "Path",       "PurePath", "format"};

struct Element {
  std::size_t first = 0, last = 0; // indices of words
};

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

class Listing {
public:
  Listing(const std::string &build_file, const std::string &text, const std::string &source, const std::string &added)
      : text_(text), source_(source), added_(added), cmake_(file_name(build_file) == "CMakeLists.txt"),
        meson_(file_name(build_file) == "meson.build"), words_(cmake_ ? cmake_words(text) : script_words(text)),
        beside_(parent_folder("/" + source) == parent_folder("/" + added)) {
    find_variables();
  }

  BuildListing read() {
    for (std::size_t i = 0; i < words_.size(); ++i)
      if (words_[i].kind == Kind::open && words_[i].partner != i && !is_other(i))
        read_bracket(i);
      else if (words_[i].kind == Kind::string && i + 2 < words_.size() && words_[i + 1].is(".") &&
               words_[i + 2].is("split"))
        read_words(i);
    if (!listed_)
      return find_unclear();
    std::ranges::sort(edits_, std::greater());
    std::string result = text_;
    for (const auto &[at, inserted] : edits_)
      result.insert(at, inserted);
    return {Form::listed, std::move(result), ""};
  }

private:
  const BuildWord *before(std::size_t i, std::size_t back = 1) const { return i < back ? nullptr : &words_[i - back]; }
  bool is_before(std::size_t i, std::string_view text) const { return before(i) && before(i)->is(text); }
  std::string spelled(Element e) const {
    return text_.substr(words_[e.first].begin, words_[e.last].end - words_[e.first].begin);
  }

  // What stands before the bracket makes it a call or a subscript.
  bool follows_value(std::size_t open) const {
    const BuildWord *word = before(open);
    return word && (word->kind == Kind::close || word->kind == Kind::string ||
                    (word->kind == Kind::name && !is_one_of(keywords, word->text)));
  }

  // The key or the argument that the bracket, or one around it, is the value of.
  bool is_other(std::size_t open) const {
    for (std::size_t i = open;; i = words_[i].around - 1) {
      if (cmake_ && before(i) && is_one_of(other_commands, lower_case(before(i)->text)))
        return true;
      if (!cmake_ && (is_before(i, "=") || is_before(i, ":")) && before(i, 2) &&
          is_one_of(other_lists, before(i, 2)->text))
        return true;
      if (words_[i].around == 0)
        return false;
    }
  }

  std::vector<Element> elements(std::size_t open) const {
    std::vector<Element> result;
    std::size_t first = open + 1;
    const auto end = [&](std::size_t at) {
      if (at > first)
        result.push_back({first, at - 1});
      first = at + 1;
    };
    for (std::size_t i = open + 1; i < words_[open].partner; ++i) {
      if (words_[i].kind == Kind::open && words_[i].partner > i) {
        i = words_[i].partner;
      } else if (words_[i].kind == Kind::comma) {
        end(i);
      } else if (cmake_) {
        result.push_back({i, i});
      }
    }
    if (!cmake_)
      end(words_[open].partner);
    return result;
  }

  bool is_list(std::size_t open, std::size_t size) const {
    if (cmake_)
      return before(open) && before(open)->kind == Kind::name && lower_case(before(open)->text) != "file";
    if (words_[open].is("["))
      return !follows_value(open);
    return words_[open].is("(") &&
           (follows_value(open) ? meson_ && is_one_of(meson_targets, before(open)->text) : size > 1 || has_comma(open));
  }
  bool has_comma(std::size_t open) const { return words_[words_[open].partner - 1].kind == Kind::comma; }

  // Whether code goes through the list to put a folder before each of its elements: `for name in [...]`.
  bool is_gone_through(std::size_t open) const {
    if (is_before(open, "in"))
      return true;
    if (!is_before(open, "=") || !before(open, 2) || before(open, 2)->kind != Kind::name)
      return false;
    for (std::size_t i = 1; i < words_.size(); ++i)
      if (words_[i].is(before(open, 2)->text) && words_[i - 1].is("in"))
        return true;
    return false;
  }

  std::vector<std::size_t> strings(Element e) const {
    std::vector<std::size_t> result;
    for (std::size_t i = e.first; i <= e.last; ++i)
      if (words_[i].kind == Kind::string)
        result.push_back(i);
    return result;
  }

  bool is_path(Element e) const {
    for (std::size_t i = e.first; i <= e.last; ++i)
      if ((words_[i].kind == Kind::name && is_one_of(keywords, words_[i].text)) ||
          (words_[i].kind == Kind::open &&
           (!words_[i].is("(") || (i > e.first && follows_value(i) && !is_one_of(path_calls, words_[i - 1].text)))))
        return false;
    return true;
  }

  // The element's text for the file that is added, where it says the path `of`; `bare`: where its name alone may do.
  std::optional<std::string> element_for(Element e, const std::string &of, bool bare) const {
    const std::vector<std::size_t> parts = strings(e);
    if (!is_path(e))
      return std::nullopt;
    if (parts.empty())
      return by_variable(e, of);
    std::string joined;
    for (const std::size_t part : parts)
      joined += (joined.empty() ? "" : "/") + words_[part].text;
    const SpelledPath spelt(joined);
    const bool whole = parts.size() == 1 && e.first == e.last && !spelt.filled;
    if (spelt.path != of && !(ends_with_path(of, spelt.path) && (bare || !whole)))
      return std::nullopt;
    const BuildWord &last = words_[parts.back()];
    const std::size_t name = last.text.rfind(file_name(of)), from = text_.find(last.text, last.begin);
    if (beside_ && name != std::string::npos && name + file_name(of).size() == last.text.size()) {
      std::string text = spelled(e);
      return text.replace(from + name - words_[e.first].begin, file_name(of).size(), file_name(added_));
    }
    if (spelt.path != of)
      return std::nullopt;
    const std::string quote = text_[last.begin] == '"' || text_[last.begin] == '\'' ? text_.substr(last.begin, 1)
                              : cmake_                                              ? ""
                                                                                    : "'";
    return quote + added_ + quote;
  }

  // `where = os.path.join('src', 'a.c')`, and the element `str(where)`.
  std::optional<std::string> by_variable(Element e, const std::string &of) const {
    if (of != source_)
      return std::nullopt;
    std::optional<std::string> found;
    for (std::size_t i = e.first; i <= e.last; ++i)
      if (const auto variable = variables_.find(words_[i].text);
          words_[i].kind == Kind::name && variable != variables_.end() && !is_before(i, ".")) {
        if (found)
          return std::nullopt;
        std::string text = spelled(e);
        found = text.replace(words_[i].begin - words_[e.first].begin, words_[i].text.size(), variable->second);
      }
    return found;
  }

  void find_variables() {
    for (std::size_t i = 0; !cmake_ && i + 2 < words_.size(); ++i) {
      if (words_[i].kind != Kind::name || !words_[i + 1].is("=") || words_[i + 2].is("=") || words_[i].around != 0)
        continue;
      std::size_t last = i + 2;
      while (last + 1 < words_.size() && words_[last + 1].kind != Kind::line_end)
        ++last;
      if (words_[last].kind == Kind::line_end || strings({i + 2, last}).empty())
        continue;
      if (const auto text = element_for({i + 2, last}, source_, false))
        variables_[words_[i].text] = *text;
    }
  }

  void read_bracket(std::size_t open) {
    const std::vector<Element> all = elements(open);
    if (is_pattern(open, all))
      return;
    if (is_before(open, "append") && all.size() == 1)
      return read_append(open, all.front());
    if (!is_list(open, all.size()))
      return;
    const bool bare = is_gone_through(open);
    const bool has_it = std::ranges::any_of(all, [&](Element e) { return element_for(e, added_, bare).has_value(); });
    for (const Element e : all) {
      const auto text = element_for(e, source_, bare);
      if (!text)
        continue;
      listed_ = true;
      if (const bool named = e.last == e.first + 2 && words_[e.first + 1].is(":"); named && meson_) { // sources: 'a.c'
        const std::size_t value = words_[e.last].begin;
        edits_.emplace_back(value, "[");
        edits_.emplace_back(words_[e.last].end, ", " + text->substr(value - words_[e.first].begin) + "]");
      } else if (!has_it) {
        edits_.emplace_back(words_[e.last].end, separator(e) + *text);
      }
      return;
    }
  }

  // On a line of its own where the element has one.
  std::string separator(Element e) const {
    const std::string comma = cmake_ ? "" : ",";
    const std::size_t begin = words_[e.first].begin, start = line_start(text_, begin);
    const std::string_view indent = std::string_view(text_).substr(start, begin - start);
    const std::size_t behind = text_.find_first_not_of(cmake_ ? " \t" : " \t,", words_[e.last].end);
    if (start > 0 && trim(indent).empty() && behind != std::string::npos && text_[behind] == '\n')
      return comma + "\n" + std::string(indent);
    return comma + " ";
  }

  // `x.append(...)`: the statement once more.
  void read_append(std::size_t open, Element e) {
    const std::size_t close = words_[open].partner;
    std::size_t first = open;
    while (first > 0 && words_[first - 1].kind != Kind::line_end)
      --first;
    const bool alone = words_[open].around == 0 && first < open &&
                       (close + 1 == words_.size() || words_[close + 1].kind == Kind::line_end);
    const auto text = alone ? element_for(e, source_, false) : std::nullopt;
    if (!text)
      return;
    listed_ = true;
    const std::size_t begin = words_[first].begin, start = line_start(text_, begin);
    const std::string statement = text_.substr(start, words_[e.first].begin - start) + *text +
                                  text_.substr(words_[e.last].end, words_[close].end - words_[e.last].end);
    if (text_.find(statement) == std::string::npos)
      edits_.emplace_back(words_[close].end, "\n" + statement);
  }

  // 'a.c b.c'.split()
  void read_words(std::size_t i) {
    const auto all = split(words_[i].text, ' ');
    if (std::ranges::find(all, source_) == all.end())
      return;
    listed_ = true;
    if (std::ranges::find(all, added_) == all.end())
      edits_.emplace_back(text_.find(source_, words_[i].begin) + source_.size(), " " + added_);
  }

  // A pattern that takes both files needs no edit. One that makes a module of each file it finds does.
  bool is_pattern(std::size_t open, const std::vector<Element> &all) {
    const BuildWord *name = before(open);
    const bool globs = cmake_ && all.size() > 2 && before(open) && lower_case(before(open)->text) == "file" &&
                       words_[all.front().first].text.starts_with("GLOB");
    if (!globs && (cmake_ || !name || name->kind != Kind::name || !is_one_of(patterns, name->text)))
      return false;
    for (const Element e : all)
      for (const std::size_t part : strings(e))
        listed_ |=
            pattern_takes(words_[part].text, source_) && pattern_takes(words_[part].text, added_) && !makes_each(open);
    return true;
  }

  // `[Extension(..., [path]) for path in glob(...)]`, or a statement `for`.
  bool makes_each(std::size_t open) const {
    std::size_t i = open;
    const auto back = [&] { // over `glob.glob`, `Path(...).glob`
      while (i > 0 &&
             (words_[i - 1].kind == Kind::name || words_[i - 1].is(".") || words_[i - 1].kind == Kind::close) &&
             !is_one_of(keywords, words_[i - 1].text))
        i = words_[i - 1].kind == Kind::close ? words_[i - 1].partner : i - 1;
    };
    back();
    while (is_before(i, "(")) { // sorted(glob(...))
      --i;
      back();
    }
    if (cmake_ || !is_before(i, "in"))
      return false;
    const std::size_t around = words_[i].around;
    if (around == 0)
      return true;
    return std::any_of(
        words_.begin() + static_cast<std::ptrdiff_t>(around),
        words_.begin() + static_cast<std::ptrdiff_t>(words_[around - 1].partner),
        [](const BuildWord &word) { return word.kind == Kind::name && word.text.ends_with("xtension"); });
  }

  // The first place where it is named, whole or by its end, else where names without endings are filled into paths.
  BuildListing find_unclear() const {
    const std::string name(file_name(source_)), stem = name.substr(0, name.rfind('.')),
                                                ending = name.substr(stem.size());
    std::optional<std::size_t> found, stemmed;
    bool fills = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i].kind != Kind::string || (words_[i].around > 0 && is_other(words_[i].around - 1)))
        continue;
      const SpelledPath spelt(words_[i].text);
      fills |=
          words_[i].text == ending || words_[i].text.ends_with("}" + ending) || words_[i].text.ends_with("%s" + ending);
      if (!stemmed && ends_with_path(source_.substr(0, source_.size() - ending.size()), spelt.path))
        stemmed = i;
      const auto parts = split(words_[i].text, ' ');
      const bool named = std::ranges::any_of(parts, [&](std::string_view part) {
        return !part.empty() && ends_with_path(source_, SpelledPath(std::string(part)).path) && part.ends_with(name);
      });
      if (!found && (named || (pattern_takes(words_[i].text, source_) && words_[i].text.ends_with(ending))))
        found = i;
    }
    if (!found && fills)
      found = stemmed;
    if (!found)
      return {Form::none, text_, ""};
    const std::size_t at = words_[*found].begin;
    return {Form::unclear, text_,
            std::to_string(line_of(text_, at)) + ": " + std::string(trim(line_at(text_, line_start(text_, at))))};
  }

  const std::string &text_, &source_, &added_;
  bool cmake_, meson_;
  std::vector<BuildWord> words_;
  bool beside_;                                  // the two files share a folder
  std::map<std::string, std::string> variables_; // that are the source's path, to what is the other one's
  bool listed_ = false;
  std::vector<std::pair<std::size_t, std::string>> edits_; // what is inserted where
};

} // namespace

const std::vector<std::string> &build_file_names() {
  static const std::vector<std::string> names = {"setup.py", "pyproject.toml", "meson.build", "CMakeLists.txt"};
  return names;
}

BuildListing with_source(const std::string &build_file, const std::string &text, const std::string &source,
                         const std::string &added) {
  return Listing(build_file, text, source, added).read();
}

} // namespace ringfence
