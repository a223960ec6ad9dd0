#include "scan/world_reach.h"

#include <algorithm>
#include <set>
#include <vector>

namespace ringfence {
namespace {

constexpr std::size_t most_bytes = 512 * 1024; // of a file; generated ones speak of worlds everywhere

bool has_changed(const TextItems &items) {
  return std::any_of(items.items.begin(), items.items.end(), [](const TextItem &item) { return item.changed; });
}

using Names = std::set<std::string, std::less<>>;

bool mentions_one(const TextItem &item, const Names &names) {
  return std::any_of(item.mentions.begin(), item.mentions.end(),
                     [&](const std::string &name) { return names.contains(name); });
}

// Follows idle items from one to the next. Whether one that is not idle is met.
bool meets_the_unit(const std::vector<const TextItems *> &files) {
  Names changed;
  std::set<const TextItem *> followed;
  constexpr unsigned most_turns = 32; // a bound for hostile input
  unsigned turns = 0;
  for (bool grows = true; grows;) {
    if (++turns > most_turns)
      return true;
    grows = false;
    for (const TextItems *file : files)
      for (const TextItem &item : file->items) {
        if (!(item.changed || mentions_one(item, changed)) || followed.contains(&item))
          continue;
        if (!item.idle)
          return true;
        followed.insert(&item);
        for (const std::string &name : item.names)
          grows |= changed.insert(name).second;
      }
  }
  return false;
}

} // namespace

const TextItems &WorldReach::items_of(const std::string &path, bool cplusplus) {
  const auto [known, is_new] = (cplusplus ? in_cplusplus_ : in_c_).try_emplace(path);
  if (is_new) {
    const Result<std::string> text = files_.read(full_path_(path));
    if (text && text->size() <= most_bytes)
      known->second = text_items(*text, cplusplus, turns_);
    else
      known->second.items.push_back({.changed = true});
  }
  return known->second;
}

bool WorldReach::has_error_in(const TextItems &items, Index file, const TuFacts &facts) const {
  return std::any_of(facts.diagnostics.begin(), facts.diagnostics.end(), [&](const Diagnostic &diagnostic) {
    return diagnostic.location.file == file &&
           std::any_of(items.items.begin(), items.items.end(), [&](const TextItem &item) {
             return item.changed && item.first_line <= diagnostic.location.line &&
                    diagnostic.location.line <= item.last_line;
           });
  });
}

bool WorldReach::reaches(const TuFacts &facts, const CompileUnit &unit) {
  const bool cplusplus = unit.language == Language::cxx;
  std::vector<const TextItems *> all;
  bool any_changed = false, all_understood = true;
  for (Index file = 0; file < facts.files.size(); ++file)
    if (facts.files[file].project) {
      const TextItems &items = items_of(facts.files[file].path, cplusplus);
      all.push_back(&items);
      any_changed |= has_changed(items);
      all_understood &= items.understood;
      if (has_error_in(items, file, facts))
        return true;
    }
  return any_changed && (!all_understood || meets_the_unit(all));
}

} // namespace ringfence
