#include "link/definitions.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"
#include "link/header_functions.h"

namespace ringfence {
namespace {

std::string_view path_of(const TuFacts &facts, Index file) {
  return file < facts.files.size() ? std::string_view(facts.files[file].path) : std::string_view();
}

bool is_definition(const Function &function) {
  return function.external_linkage && function.defined && !function.in_header && !function.outside;
}

// The source files that define one function, and which of them stay one: each leads to another of its group, the first
// to itself.
struct Definitions {
  std::vector<std::string_view> files;
  std::vector<std::size_t> joined;

  std::size_t group_of(std::size_t file) const {
    while (joined[file] != file)
      file = joined[file];
    return file;
  }

  void join(std::size_t a, std::size_t b) {
    a = group_of(a), b = group_of(b);
    joined[std::max(a, b)] = std::min(a, b);
  }
};

// How many folders from the root on two files share.
std::size_t shared_folders(std::string_view a, std::string_view b) {
  std::size_t shared = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()) && a[i] == b[i]; ++i)
    shared += a[i] == '/';
  return shared;
}

class Apart {
public:
  explicit Apart(const std::vector<TuFacts *> &all) : all_(all) {
    std::unordered_map<std::string_view, std::string_view> first;
    std::map<std::string_view, std::set<std::string_view>> several;
    for (const TuFacts *facts : all)
      for (const Function &function : facts->functions)
        if (is_definition(function)) {
          const std::string_view file = path_of(*facts, function.location.file);
          if (const auto [known, is_new] = first.emplace(function.id, file); !is_new && known->second != file)
            several.try_emplace(function.id, std::set{known->second}).first->second.insert(file);
        }
    for (const auto &[id, files] : several) {
      Definitions &found = definitions_[std::string(id)];
      found.files.assign(files.begin(), files.end());
      found.joined.resize(files.size());
      std::iota(found.joined.begin(), found.joined.end(), 0);
    }
  }

  void run() {
    if (definitions_.empty())
      return;
    find_files_read();
    for (const TuFacts *facts : all_)
      for (const Function &function : facts->functions)
        if (const auto known = definitions_.find(function.id); known != definitions_.end()) {
          const std::vector<std::size_t> meant = meant_by(*facts, function, known->second);
          for (const std::size_t file : meant)
            known->second.join(meant.front(), file);
        }
    for (TuFacts *facts : all_)
      rename(*facts);
  }

private:
  void find_files_read() {
    std::set<std::string_view> defining;
    for (const auto &[id, found] : definitions_)
      defining.insert(found.files.begin(), found.files.end());
    for (const TuFacts *facts : all_)
      if (const std::string_view file = path_of(*facts, 0); defining.contains(file))
        for (const FileFact &each : facts->files)
          if (each.project)
            read_by_[file].insert(each.path);
  }

  // Definitions that read the file of the declaration, else all; of these the nearest to it, and to the unit.
  std::vector<std::size_t> meant_by(const TuFacts &facts, const Function &function, const Definitions &found) const {
    const std::string_view file = path_of(facts, function.location.file), caller = path_of(facts, 0);
    std::vector<std::size_t> meant(found.files.size());
    std::iota(meant.begin(), meant.end(), 0);
    const auto keep = [&](auto wanted) {
      if (std::any_of(meant.begin(), meant.end(), wanted))
        std::erase_if(meant, [&](std::size_t each) { return !wanted(each); });
    };
    keep([&](std::size_t each) {
      if (function.defined)
        return found.files[each] == file;
      const auto read = read_by_.find(found.files[each]);
      return read != read_by_.end() && read->second.contains(file);
    });
    for (const std::string_view place : {file, caller}) {
      std::size_t most = 0;
      for (const std::size_t each : meant)
        most = std::max(most, shared_folders(found.files[each], place));
      keep([&](std::size_t each) { return shared_folders(found.files[each], place) == most; });
    }
    return meant;
  }

  void rename(TuFacts &facts) const {
    std::unordered_map<std::string, std::string> renamed;
    for (Function &function : facts.functions) {
      const auto known = definitions_.find(function.id);
      if (known == definitions_.end())
        continue;
      const Definitions &found = known->second;
      const std::size_t group = found.group_of(meant_by(facts, function, found).front());
      if (group == 0) // as it was
        continue;
      std::string apart = function.id + "@" + hash_hex(found.files[group]).substr(0, 8);
      renamed.emplace(function.id, apart);
      function.id = std::move(apart);
    }
    rename_callees(facts, renamed);
  }

  const std::vector<TuFacts *> &all_;
  std::unordered_map<std::string, Definitions> definitions_; // by id, where several files define it
  std::map<std::string_view, std::set<std::string_view>> read_by_;
};

} // namespace

void tell_definitions_apart(const std::vector<TuFacts *> &all) { Apart(all).run(); }

} // namespace ringfence
