// Facts of units that were parsed before, in one SQLite file in the user's cache folder.
//
// A unit's facts are found again under its key (all that goes into a parse but the files) where every path that they
// rest on is as it was: same contents, the same things still missing. Each entry is written in a transaction of its
// own, so that a run that is killed loses nothing, and runs at the same time see only whole entries. What cannot be
// read or written is a cache miss and a `problem()`, never a wrong result.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "cache/path_states.h"
#include "facts/facts.h"

namespace ringfence {

class Database;
class Query;

class FactCache {
public:
  // Opens the cache in `folder`, and makes both where there are none; a damaged one is made anew. `files` outlives it.
  static Result<std::unique_ptr<FactCache>> open(const std::string &folder, const FileSystem &files);
  // Removes it.
  static Result<void> clear(const std::string &folder);
  ~FactCache();

  std::optional<TuFacts> find(const std::string &key);
  // Replaces what is stored under the key.
  void store(const std::string &key, const Dependencies &dependencies, const TuFacts &facts);

  struct Summary {
    std::size_t units = 0;
    std::uint64_t bytes = 0; // of the file
    std::int64_t unused = 0; // days since the entry that was unused for longest was used
  };
  Summary summary();
  // Drops the entries that were unused for longest until the file has at most `bytes`.
  void shrink_to(std::uint64_t bytes);
  // Reads every entry; drops and counts those that are damaged.
  std::size_t verify();

  // What went wrong first, for a warning; empty where all went well. Then nothing more is stored.
  std::string problem();
  const std::string &path() const { return path_; }

private:
  FactCache(std::string path, const FileSystem &files);
  // Runs the work under the lock; what SQLite says becomes the problem.
  template <class Work> void attempt(Work work);
  std::uint64_t file_bytes();

  std::string path_;
  PathStates states_;
  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Query> find_; // of database_; made by the first find()
  std::string problem_;
};

// The user's: $RINGFENCE_CACHE where that is set (empty: no cache), else $XDG_CACHE_HOME/ringfence, else
// ~/.cache/ringfence; empty where there is none.
std::string default_cache_folder();

} // namespace ringfence
