#include "extract/shared/prefix_tree.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

using Prefixes = std::vector<std::vector<SharedDirective>>; // of each unit
using Numbers = std::vector<std::size_t>;

// A forced include is looked up beside the main file; the path is written between quotes.
bool cannot_share(const CompileUnit &unit) {
  return unit.file.find_first_of("\"\\\n\r") != std::string::npos ||
         std::any_of(unit.arguments.begin(), unit.arguments.end(), [](const std::string &word) {
           return is_any(word, {"-include", "-imacros"});
         });
}

// Only those of ISO C90 do without.
bool has_line_comments(const CompileUnit &unit) {
  return std::none_of(unit.arguments.begin(), unit.arguments.end(), [](const std::string &word) {
    return is_any(word, {"-ansi", "-std=c89", "-std=c90", "-std=iso9899:1990", "-std=iso9899:199409"});
  });
}

// All that decides how a text is read.
std::vector<std::string> parse_key(const CompileUnit &unit) {
  std::vector<std::string> words = {unit.directory, unit.language == Language::c ? "c" : "c++",
                                    unit.file.substr(std::min(unit.file.rfind('.'), unit.file.size()))};
  if (cannot_share(unit))
    words.push_back(unit.id);
  words.insert(words.end(), unit.arguments.begin(), unit.arguments.end());
  return words;
}

void largest_first(std::vector<PrefixNode> &nodes) {
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const PrefixNode &a, const PrefixNode &b) { return a.size > b.size; });
}

PrefixNode tree_of(const Prefixes &prefixes, const Numbers &units, std::size_t depth);

// The units by what comes next; one that is alone with it shares nothing further.
void part_by_next(PrefixNode &node, const Prefixes &prefixes, const Numbers &units, std::size_t depth) {
  std::map<SharedDirective, Numbers> by_next;
  for (const std::size_t unit : units)
    if (depth < prefixes[unit].size())
      by_next[prefixes[unit][depth]].push_back(unit);
    else
      node.units.push_back(unit);
  for (const auto &[directive, some] : by_next)
    if (some.size() == 1)
      node.units.push_back(some.front());
    else
      node.children.push_back(tree_of(prefixes, some, depth));
  largest_first(node.children);
}

// `units`: not empty, alike up to `depth`.
PrefixNode tree_of(const Prefixes &prefixes, const Numbers &units, std::size_t depth) {
  PrefixNode node;
  node.size = units.size();
  const std::vector<SharedDirective> &first = prefixes[units.front()];
  const auto share_next = [&](std::size_t unit) {
    return depth < prefixes[unit].size() && prefixes[unit][depth] == first[depth];
  };
  for (; units.size() > 1 && depth < first.size() && std::all_of(units.begin(), units.end(), share_next); ++depth)
    node.directives.push_back(first[depth]);
  part_by_next(node, prefixes, units, depth);
  return node;
}

// None of a unit that can share nothing.
Prefixes prefixes_of(const std::vector<CompileUnit> &units, const Numbers &some, const FileSystem &files) {
  Prefixes prefixes(units.size());
  for (const std::size_t i : some)
    if (const Result<std::string> text = files.read(units[i].file); text && !cannot_share(units[i]))
      for (const LeadingDirective &directive : directives_of(units[i], *text))
        prefixes[i].push_back(shared(directive, units[i], files));
  return prefixes;
}

// A tree for each parse key, the largest first.
std::vector<PrefixNode> trees_by_key(const std::vector<CompileUnit> &units, const Numbers &some,
                                     const Prefixes &prefixes) {
  std::map<std::vector<std::string>, Numbers> by_key;
  for (const std::size_t i : some)
    by_key[parse_key(units[i])].push_back(i);
  std::vector<PrefixNode> trees;
  trees.reserve(by_key.size());
  for (const auto &[key, alike] : by_key)
    trees.push_back(tree_of(prefixes, alike, 0));
  largest_first(trees);
  return trees;
}

// All that a unit begins with as a node.
PrefixNode leaf_of(const Prefixes &prefixes, std::size_t unit, std::size_t depth) {
  PrefixNode node;
  node.directives.assign(prefixes[unit].begin() + static_cast<std::ptrdiff_t>(depth), prefixes[unit].end());
  node.units = {unit};
  node.size = 1;
  return node;
}

// Makes what comes after the first `count` directives a node below.
void split(PrefixNode &node, std::size_t count) {
  PrefixNode rest = std::move(node);
  node = {};
  node.options.swap(rest.options);
  node.size = rest.size;
  const auto place = rest.directives.begin() + static_cast<std::ptrdiff_t>(count);
  node.directives.assign(rest.directives.begin(), place);
  rest.directives.erase(rest.directives.begin(), place);
  node.children.push_back(std::move(rest));
}

// Puts `part` to where it leaves the units of `node`, which stands below `depth` directives. False where they share
// nothing, and neither changed.
bool attach(PrefixNode &node, PrefixNode &part, const Prefixes &prefixes, std::size_t depth = 0) {
  const auto [own, others] =
      std::mismatch(node.directives.begin(), node.directives.end(), part.directives.begin(), part.directives.end());
  const bool is_open = depth == 0 && node.directives.empty(); // a root whose units share nothing
  if (others == part.directives.begin() && !is_open)
    return false;
  if (own != node.directives.end())
    split(node, static_cast<std::size_t>(own - node.directives.begin()));
  part.directives.erase(part.directives.begin(), others);
  depth += node.directives.size();
  const std::size_t size = part.size;
  const auto takes = [&](PrefixNode &child) { return child.options.empty() && attach(child, part, prefixes, depth); };
  const auto shares = [&](std::size_t unit) {
    return depth < prefixes[unit].size() && !part.directives.empty() &&
           prefixes[unit][depth] == part.directives.front();
  };
  if (std::none_of(node.children.begin(), node.children.end(), takes)) {
    if (const auto unit = std::find_if(node.units.begin(), node.units.end(), shares); unit != node.units.end()) {
      PrefixNode child = leaf_of(prefixes, *unit, depth);
      node.units.erase(unit);
      attach(child, part, prefixes, depth);
      node.children.push_back(std::move(child));
    } else if (is_open) {
      return false;
    } else {
      node.children.push_back(std::move(part));
    }
  }
  node.size += size;
  return true;
}

// The largest nodes of a tree that begin with something.
std::vector<PrefixNode> parts_of(PrefixNode tree, const Prefixes &prefixes) {
  if (!tree.directives.empty())
    return {std::move(tree)};
  std::vector<PrefixNode> parts = std::move(tree.children);
  for (const std::size_t unit : tree.units)
    parts.push_back(leaf_of(prefixes, unit, 0));
  return parts;
}

bool may_come_mid_parse(const std::string &word) {
  return word.size() > 2 && (word.starts_with("-I") || word.starts_with("-D")) &&
         word.find_first_of("\\\n\r") == word.npos;
}

// Without options that repeat an earlier one, as command lines put together from parts do; an option that another one
// between the two overrides is kept.
std::vector<std::string> without_repetition(const std::vector<std::string> &words) {
  std::vector<std::string> result;
  for (const std::string &word : words)
    if (!word.starts_with("-f") || std::find(result.begin(), result.end(), word) == result.end())
      result.push_back(word);
  return result;
}

// The options -I and -D of `unit` that `base` has not, in order; nullopt where units differ in more than these, or
// where `base` has others. What a unit repeats counts once.
std::optional<std::vector<std::string>> options_beyond(const CompileUnit &base, const CompileUnit &unit) {
  const std::vector<std::string> known = without_repetition(base.arguments);
  std::vector<std::string> beyond;
  auto next = known.begin();
  for (std::string &word : without_repetition(unit.arguments))
    if (next != known.end() && *next == word)
      ++next;
    else if (may_come_mid_parse(word))
      beyond.push_back(std::move(word));
    else
      return std::nullopt;
  return next == known.end() ? std::optional(std::move(beyond)) : std::nullopt;
}

// Moves those of the units that begin like `base` to there, and returns the rest. `options`: what separates them.
Numbers join(PrefixNode &base, const Numbers &units, const Prefixes &prefixes,
             const std::vector<std::string> &options) {
  Numbers left;
  for (PrefixNode &part : parts_of(tree_of(prefixes, units, 0), prefixes)) {
    part.options = options;
    if (!attach(base, part, prefixes)) {
      const Numbers below = units_below(part);
      left.insert(left.end(), below.begin(), below.end());
    }
  }
  return left;
}

// `trees`: the largest first. Each is tried with some larger ones, so that a tree of a thousand keys does not cost
// their square.
std::vector<PrefixNode> join_keys(std::vector<PrefixNode> trees, const std::vector<CompileUnit> &units,
                                  const Prefixes &prefixes) {
  constexpr std::size_t most_bases = 16;
  std::vector<PrefixNode> joined;
  for (PrefixNode &tree : trees) {
    Numbers left = units_below(tree);
    for (std::size_t base = 0; base < std::min(joined.size(), most_bases) && !left.empty(); ++base)
      if (const auto options =
              options_beyond(units[representative_unit(joined[base])], units[representative_unit(tree)]))
        left = join(joined[base], left, prefixes, *options);
    if (left.size() == tree.size)
      joined.push_back(std::move(tree));
    else if (!left.empty())
      joined.push_back(tree_of(prefixes, left, 0));
  }
  largest_first(joined);
  return joined;
}

} // namespace

std::size_t representative_unit(const PrefixNode &node) {
  return node.units.empty() ? representative_unit(node.children.front()) : node.units.front();
}

Numbers units_below(const PrefixNode &node) {
  Numbers units = node.units;
  for (const PrefixNode &child : node.children) {
    const Numbers below = units_below(child);
    units.insert(units.end(), below.begin(), below.end());
  }
  return units;
}

std::vector<LeadingDirective> directives_of(const CompileUnit &unit, const std::string &text) {
  return leading_directives(text, has_line_comments(unit));
}

SharedDirective shared(const LeadingDirective &directive, const CompileUnit &unit, const FileSystem &files) {
  const std::string folder = parent_folder(unit.file);
  const bool beside = std::any_of(directive.quoted.begin(), directive.quoted.end(), [&](const std::string &name) {
    return !name.starts_with('/') && files.type(folder + "/" + name) != FileType::missing;
  });
  if (beside)
    return {directive.text, folder};
  // Then a quoted name is looked for where one in brackets is.
  const bool same_folders = std::find(unit.arguments.begin(), unit.arguments.end(), "-iquote") == unit.arguments.end();
  if (same_folders && directive.quoted.size() == 1)
    if (const std::string &name = directive.quoted.front();
        directive.text == "#include \"" + name + "\"\n" && name.find('>') == name.npos)
      return {"#include <" + name + ">\n", ""};
  return {directive.text, ""};
}

std::vector<PrefixNode> prefix_trees(const std::vector<CompileUnit> &units, const FileSystem &files) {
  Numbers all(units.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Prefixes prefixes = prefixes_of(units, all, files);
  return join_keys(trees_by_key(units, all, prefixes), units, prefixes);
}

std::vector<PrefixNode> prefix_trees_apart(const std::vector<CompileUnit> &units, const Numbers &some,
                                           const FileSystem &files) {
  return trees_by_key(units, some, prefixes_of(units, some, files));
}

} // namespace ringfence
