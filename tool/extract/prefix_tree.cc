#include "extract/prefix_tree.h"

#include <algorithm>
#include <map>

#include "base/path.h"
#include "base/text.h"

namespace ringfence {
namespace {

using Prefixes = std::vector<std::vector<SharedDirective>>; // of each unit
using Numbers = std::vector<std::size_t>;

// A forced include is looked up beside the main file; the path is written between quotes.
bool stands_alone(const CompileUnit &unit) {
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
std::vector<std::string> setting_of(const CompileUnit &unit) {
  std::vector<std::string> words = {unit.directory, unit.language == Language::c ? "c" : "c++",
                                    unit.file.substr(std::min(unit.file.rfind('.'), unit.file.size()))};
  words.insert(words.end(), unit.arguments.begin(), unit.arguments.end());
  return words;
}

PrefixNode grow(const Prefixes &prefixes, const Numbers &units, std::size_t depth);

// The units by what comes next; one that is alone with it shares nothing further.
void branch(PrefixNode &node, const Prefixes &prefixes, const Numbers &units, std::size_t depth) {
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
      node.children.push_back(grow(prefixes, some, depth));
  std::stable_sort(node.children.begin(), node.children.end(),
                   [](const PrefixNode &a, const PrefixNode &b) { return a.size > b.size; });
}

// `units`: not empty, alike up to `depth`.
PrefixNode grow(const Prefixes &prefixes, const Numbers &units, std::size_t depth) {
  PrefixNode node;
  node.size = units.size();
  const std::vector<SharedDirective> &first = prefixes[units.front()];
  const auto share_next = [&](std::size_t unit) {
    return depth < prefixes[unit].size() && prefixes[unit][depth] == first[depth];
  };
  for (; units.size() > 1 && depth < first.size() && std::all_of(units.begin(), units.end(), share_next); ++depth)
    node.directives.push_back(first[depth]);
  branch(node, prefixes, units, depth);
  return node;
}

} // namespace

std::vector<LeadingDirective> directives_of(const CompileUnit &unit, const std::string &text) {
  return leading_directives(text, has_line_comments(unit));
}

SharedDirective shared(const LeadingDirective &directive, const CompileUnit &unit, const FileSystem &files) {
  const std::string folder = parent_folder(unit.file);
  const bool beside = std::any_of(directive.quoted.begin(), directive.quoted.end(), [&](const std::string &name) {
    return !name.starts_with('/') && files.type(folder + "/" + name) != FileType::missing;
  });
  return {directive.text, beside ? folder : ""};
}

std::vector<PrefixNode> prefix_trees(const std::vector<CompileUnit> &units, const FileSystem &files) {
  Prefixes prefixes(units.size());
  std::map<std::vector<std::string>, Numbers> by_setting;
  std::vector<PrefixNode> trees;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Result<std::string> text = files.read(units[i].file);
    if (!text || stands_alone(units[i])) {
      trees.push_back(grow(prefixes, {i}, 0));
      continue;
    }
    for (const LeadingDirective &directive : directives_of(units[i], *text))
      prefixes[i].push_back(shared(directive, units[i], files));
    by_setting[setting_of(units[i])].push_back(i);
  }
  for (const auto &[setting, some] : by_setting)
    trees.push_back(grow(prefixes, some, 0));
  std::stable_sort(trees.begin(), trees.end(),
                   [](const PrefixNode &a, const PrefixNode &b) { return a.size > b.size; });
  return trees;
}

} // namespace ringfence
