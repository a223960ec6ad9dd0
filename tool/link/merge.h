// Facts of many units into one set of vectors: one entry per thing, whatever the order of the units.
//
// While units are added, objects and functions are known by their id; every distinct form in which units describe one
// ("variant") is kept, so that the choice between them at the end depends on their content and not on the order of
// arrival.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "facts/facts.h"
#include "link/program.h"

namespace ringfence {

class Merger {
public:
  void add(TuFacts facts);

  // The program without entities, roles and write summaries.
  // On up to `jobs` threads.
  Program finish(std::vector<std::string> uncovered, unsigned jobs) &&;

private:
  // Every distinct form of the things of one kind, by id.
  template <class T> struct Interned {
    std::unordered_map<std::string, Index> by_id;
    std::vector<std::vector<T>> variants;

    Index intern(T &&value);
  };
  struct Remap;
  struct Names;

  Names intern_names(TuFacts &facts);
  void compact();
  std::vector<bool> referenced_objects() const;
  void finish_files(Program &program, std::vector<Index> &files) const;
  std::vector<std::vector<Index>> finish_objects(Program &program, const std::vector<Index> &files);
  std::vector<Index> finish_functions(Program &program, const std::vector<Index> &files);
  void finish_accesses(Program &program, const std::vector<std::vector<Index>> &objects, const Remap &remap);

  std::vector<UnitSummary> units_;
  std::unordered_map<std::string, Index> file_by_path_;
  std::vector<FileFact> files_;
  Interned<Object> objects_;
  std::vector<std::set<std::string>> object_configs_; // parallel to objects_.variants
  Interned<Function> functions_;
  FactLists lists_;
  std::size_t compact_at_ = 1 << 18; // accesses and calls together
};

} // namespace ringfence
