#include "link/merge.h"

#include <algorithm>
#include <map>

#include "base/parallel.h"
#include "facts/index_walk.h"
#include "link/fact_order.h"
#include "link/header_functions.h"

namespace ringfence {

// Old numbering to new. An index that the old numbering does not have becomes `none`.
struct Merger::Remap {
  const std::vector<Index> &files, &objects, &functions;

  static void apply(Index &index, const std::vector<Index> &map) { index = index < map.size() ? map[index] : none; }
  void file(Index &index) const { apply(index, files); }
  void object(Index &index) const { apply(index, objects); }
  void function(Index &index) const { apply(index, functions); }
};

// The names of one unit in the numbering of the merger.
struct Merger::Names {
  std::vector<Index> files, objects, functions;
};

namespace {

const std::vector<Index> no_indices;
constexpr std::string_view own_config = "default"; // how `configs` calls the tree's own, where there are others

template <class T> void sort_unique(std::vector<T> &list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

template <class T, class Remap> void move_into(std::vector<T> &to, std::vector<T> &&from, const Remap &remap) {
  for (T &fact : from) {
    walk_indices(fact, remap);
    to.push_back(std::move(fact));
  }
}

int rank(const Object &object) {
  return static_cast<int>(object.storage == Storage::member ? static_cast<int>(object.holder)
                                                            : static_cast<int>(object.definition));
}
int rank(const Function &function) { return (function.defined ? 2 : 0) + (function.outside ? 0 : 1); }

// The variant that says most; among equals the least, so that the order of arrival does not matter.
template <class T> T &choose(std::vector<T> &variants) {
  return *std::min_element(variants.begin(), variants.end(),
                           [](const T &a, const T &b) { return rank(a) != rank(b) ? rank(a) > rank(b) : a < b; });
}

} // namespace

template <class T> Index Merger::Interned<T>::intern(T &&value) {
  const auto [at, is_new] = by_id.try_emplace(value.id, static_cast<Index>(variants.size()));
  if (is_new)
    variants.emplace_back();
  std::vector<T> &forms = variants[at->second];
  if (std::find(forms.begin(), forms.end(), value) == forms.end())
    forms.push_back(std::move(value));
  return at->second;
}

Merger::Names Merger::intern_names(TuFacts &facts) {
  Names names;
  for (FileFact &file : facts.files) {
    const auto [at, is_new] = file_by_path_.try_emplace(file.path, static_cast<Index>(files_.size()));
    names.files.push_back(at->second);
    if (is_new) {
      files_.push_back(std::move(file));
      continue;
    }
    FileFact &known = files_[at->second];
    const bool project = known.project || file.project;
    known = std::min(known, file); // the same, unless the file changed during the scan
    known.project = project;
  }
  const Remap remap{names.files, names.objects, names.functions};
  for (Object &object : facts.objects) {
    walk_indices(object, remap);
    object.configs.clear();
    // A common symbol only under -fcommon; otherwise (GCC 10, Clang 11 and later) it defines.
    if (object.definition == Definition::tentative && object.external_linkage && !facts.common_symbols)
      object.definition = Definition::definition;
    const Index index = objects_.intern(std::move(object));
    names.objects.push_back(index);
    object_configs_.resize(objects_.variants.size());
    object_configs_[index].insert(facts.config);
  }
  for (Function &function : facts.functions) {
    walk_indices(function, remap);
    names.functions.push_back(functions_.intern(std::move(function)));
  }
  return names;
}

void Merger::add(TuFacts facts) {
  tell_apart(facts);
  const Names names = intern_names(facts);
  const Remap remap{names.files, names.objects, names.functions};
  for (Diagnostic &diagnostic : facts.diagnostics)
    walk_indices(diagnostic, remap);
  const std::string file = facts.files.empty() ? facts.unit : files_[names.files[0]].path;
  // Facts without a subject say nothing; only a damaged file of facts holds any.
  std::erase_if(facts.accesses, [&](const Access &access) { return access.object >= names.objects.size(); });
  std::erase_if(facts.initialisers, [&](const auto &entry) { return entry.object >= names.objects.size(); });
  units_.push_back({facts.unit, file, facts.config, facts.status, facts.origin, std::move(facts.diagnostics), {}});
  for (const Index read : names.files)
    if (files_[read].project)
      units_.back().files.push_back(read);
  FactLists::each([&](auto list) { move_into(lists_.*list, std::move(facts.*list), remap); });
  if (lists_.accesses.size() + lists_.calls.size() > compact_at_)
    compact();
}

// Drops what headers said in more than one unit. Done each time that the facts have doubled: linear over all units.
void Merger::compact() {
  FactLists::each([&](auto list) { sort_facts(lists_.*list); });
  compact_at_ = std::max(compact_at_, 2 * (lists_.accesses.size() + lists_.calls.size()));
}

std::vector<bool> Merger::referenced_objects() const {
  struct Mark {
    std::vector<bool> objects;
    void file(Index) const {}
    void function(Index) const {}
    void object(Index index) { objects[index] = true; }
  } mark{std::vector<bool>(objects_.variants.size())};
  for (const auto &fact : lists_.initialisers)
    walk_indices(fact, mark);
  for (const auto &fact : lists_.accesses)
    walk_indices(fact, mark);
  for (const auto &fact : lists_.calls)
    walk_indices(fact, mark);
  return std::move(mark.objects);
}

// `files`: merger's number to the program's.
void Merger::finish_files(Program &program, std::vector<Index> &files) const {
  program.files = files_;
  std::sort(program.files.begin(), program.files.end());
  files.resize(files_.size());
  for (Index i = 0; i < program.files.size(); ++i)
    files[file_by_path_.at(program.files[i].path)] = i;
}

namespace {

// Tags of structs that lead to Python objects, as some unit shows that has their definition.
std::set<std::string> tags_with_objects(const std::vector<std::vector<Object>> &variants) {
  std::set<std::string> tags;
  for (const std::vector<Object> &forms : variants)
    for (const Object &form : forms)
      if (form.type.reaches_object && !form.type.leads_to.empty())
        tags.insert(form.type.leads_to);
  return tags;
}

// A pointer to a struct that its own unit only declares leads to what other units know.
void follow_incomplete(TypeFacts &type, const std::set<std::string> &tags_with_objects) {
  if (!type.pointer || !type.handle || !tags_with_objects.contains(type.leads_to))
    return;
  type.handle = false;
  type.reaches_object = type.data_pointer = true;
}

} // namespace

// Which object each of the merger's objects is. A declaration is every definition of its symbol (several, where the
// tree holds several programs), or, where there is none, one declaration for all.
std::vector<std::vector<Index>> Merger::finish_objects(Program &program, const std::vector<Index> &files) {
  const std::size_t count = objects_.variants.size();
  const Remap to_files{files, no_indices, no_indices};
  const std::set<std::string> with_objects = tags_with_objects(objects_.variants);
  std::vector<Object> chosen;
  std::map<std::string, std::vector<Index>> by_symbol;
  for (Index i = 0; i < count; ++i) {
    for (Object &form : objects_.variants[i])
      walk_indices(form, to_files);
    chosen.push_back(std::move(choose(objects_.variants[i])));
    follow_incomplete(chosen[i].type, with_objects);
    std::set<std::string> &configs = object_configs_[i];
    if (configs.erase("") != 0 && !configs.empty())
      configs.emplace(own_config);
    chosen[i].configs.assign(configs.begin(), configs.end());
    if (chosen[i].external_linkage && !chosen[i].symbol.empty())
      by_symbol[chosen[i].symbol].push_back(i);
  }
  const std::vector<bool> referenced = referenced_objects();
  objects_ = {};

  std::vector<std::vector<Index>> stands_for(count);
  for (Index i = 0; i < count; ++i)
    stands_for[i] = {i};
  for (auto &[symbol, same] : by_symbol) {
    std::sort(same.begin(), same.end(), [&](Index a, Index b) { return chosen[a].id < chosen[b].id; });
    std::vector<Index> targets;
    int highest = 0;
    for (const Index i : same)
      highest = std::max(highest, rank(chosen[i]));
    for (const Index i : same)
      if (rank(chosen[i]) == highest)
        targets.push_back(i);
    if (highest != static_cast<int>(Definition::definition))
      targets.resize(1);
    for (const Index i : same)
      if (std::find(targets.begin(), targets.end(), i) == targets.end())
        stands_for[i] = targets;
  }

  std::vector<bool> kept(count);
  for (Index i = 0; i < count; ++i)
    for (const Index target : stands_for[i])
      if (chosen[target].definition != Definition::declaration || referenced[i])
        kept[target] = true;
  std::vector<Index> order;
  for (Index i = 0; i < count; ++i)
    if (kept[i])
      order.push_back(i);
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return chosen[a].id < chosen[b].id; });
  std::vector<Index> final_index(count, none);
  for (const Index i : order) {
    final_index[i] = static_cast<Index>(program.objects.size());
    program.objects.push_back(std::move(chosen[i]));
  }
  for (auto &targets : stands_for)
    for (Index &target : targets)
      target = final_index[target];
  return stands_for;
}

std::vector<Index> Merger::finish_functions(Program &program, const std::vector<Index> &files) {
  const std::size_t count = functions_.variants.size();
  const Remap to_files{files, no_indices, no_indices};
  struct Used {
    std::vector<bool> functions;
    void file(Index) const {}
    void object(Index) const {}
    void function(Index index) { functions[index] = true; }
  } used{std::vector<bool>(count)};
  for (const auto &fact : lists_.initialisers)
    walk_indices(fact, used);
  for (const auto &fact : lists_.calls)
    walk_indices(fact, used);
  for (const auto &fact : lists_.function_uses)
    walk_indices(fact, used);

  std::vector<std::pair<Function *, Index>> chosen;
  for (Index i = 0; i < count; ++i) {
    for (Function &form : functions_.variants[i])
      walk_indices(form, to_files);
    Function &best = choose(functions_.variants[i]);
    if (best.defined || used.functions[i])
      chosen.emplace_back(&best, i);
  }
  std::sort(chosen.begin(), chosen.end(), [](const auto &a, const auto &b) { return a.first->id < b.first->id; });
  std::vector<Index> final_index(count, none);
  for (auto &[function, i] : chosen) {
    final_index[i] = static_cast<Index>(program.functions.size());
    program.functions.push_back(std::move(*function));
  }
  functions_ = {};
  return final_index;
}

void Merger::finish_accesses(Program &program, const std::vector<std::vector<Index>> &objects, const Remap &remap) {
  const std::size_t count = lists_.accesses.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<Index> &targets = objects[lists_.accesses[i].object];
    walk_indices(lists_.accesses[i], remap);
    for (std::size_t other = 1; other < targets.size(); ++other) {
      Access of_other = lists_.accesses[i];
      of_other.object = targets[other];
      lists_.accesses.push_back(std::move(of_other));
    }
  }
  program.accesses = std::move(lists_.accesses);
  sort_facts(program.accesses);
}

Program Merger::finish(std::vector<std::string> uncovered, unsigned jobs) && {
  Program program;
  std::vector<Index> files, functions;
  std::vector<std::vector<Index>> objects;
  finish_files(program, files);
  run_parallel(
      jobs, [&] { objects = finish_objects(program, files); }, [&] { functions = finish_functions(program, files); });
  std::vector<Index> first_object;
  first_object.reserve(objects.size());
  for (const std::vector<Index> &targets : objects)
    first_object.push_back(targets[0]);
  const Remap remap{files, first_object, functions};

  const auto take = [&](auto list) {
    for (auto &fact : lists_.*list)
      walk_indices(fact, remap);
    program.*list = std::move(lists_.*list);
    sort_facts(program.*list);
  };
  const auto finish_list = [&](auto list) {
    if constexpr (std::is_same_v<decltype(list), std::vector<Access> FactLists::*>)
      finish_accesses(program, objects, remap);
    else
      take(list);
  };
  FactLists::with_all([&](auto... lists) { run_parallel(jobs, [&] { finish_list(lists); }...); });
  std::erase_if(program.const_points, [](const ConstPoint &point) { return point.object == none; });
  std::erase_if(program.struct_members, [](const StructMember &member) { return member.object == none; });
  std::erase_if(program.late_uses, [](const LateUse &use) { return use.object == none || use.function == none; });
  std::erase_if(program.unread_names, [](const UnreadName &named) { return named.object == none; });

  // What one configuration leaves out and another one compiles is not inactive.
  std::set<std::pair<Location, std::string>> active;
  for (const Object &object : program.objects)
    active.emplace(Location{object.location.file, object.location.line, 0}, object.name);
  std::erase_if(program.inactive, [&](const Inactive &inactive) {
    return active.count({Location{inactive.location.file, inactive.location.line, 0}, inactive.name}) != 0;
  });

  for (UnitSummary &unit : units_) {
    for (Diagnostic &diagnostic : unit.diagnostics)
      walk_indices(diagnostic, remap);
    for (Index &file : unit.files)
      remap.file(file);
    sort_unique(unit.files);
  }
  program.units = std::move(units_);
  std::sort(program.units.begin(), program.units.end(),
            [](const UnitSummary &a, const UnitSummary &b) { return a.id < b.id; });
  std::erase_if(uncovered, [&](const std::string &path) { return file_by_path_.count(path) != 0; });
  sort_unique(uncovered);
  program.uncovered = std::move(uncovered);
  return program;
}

} // namespace ringfence
