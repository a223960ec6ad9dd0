#include "cache/fact_cache.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/hash.h"
#include "base/text.h"
#include "cache/database.h"
#include "facts/codec.h"

namespace ringfence {
namespace {

// A program that lays entries out otherwise takes another file.
constexpr const char *file_name = "facts-1.sqlite";
constexpr std::size_t digest_size = 32;

std::int64_t today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now()).time_since_epoch().count();
}

// The bytes after their digest.
std::string sealed(const std::string &bytes) { return hash_hex(bytes) + bytes; }

// What was sealed; nothing where it is damaged.
std::optional<std::string_view> unsealed(std::string_view bytes) {
  if (bytes.size() < digest_size || hash_hex(bytes.substr(digest_size)) != bytes.substr(0, digest_size))
    return std::nullopt;
  return bytes.substr(digest_size);
}

std::unique_ptr<Database> open_database(const std::string &path) {
  auto database = std::make_unique<Database>(path);
  database->run("PRAGMA auto_vacuum = INCREMENTAL");
  database->run("PRAGMA journal_mode = WAL");
  database->run("PRAGMA synchronous = OFF"); // a power failure may cost the cache; a killed program costs nothing
  database->run("CREATE TABLE IF NOT EXISTS unit (key BLOB PRIMARY KEY, used INTEGER, dependencies BLOB, facts BLOB)");
  return database;
}

std::error_code remove_database(const std::string &path) {
  std::error_code error;
  for (const char *suffix : {"", "-wal", "-shm"}) // SQLite's names
    if (!error)
      std::filesystem::remove(path + suffix, error);
  return error;
}

} // namespace

FactCache::FactCache(std::string path, const FileSystem &files) : path_(std::move(path)), states_(files) {}

FactCache::~FactCache() = default;

Result<std::unique_ptr<FactCache>> FactCache::open(const std::string &folder, const FileSystem &files) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return fail("cannot make the cache folder " + folder + ": " + error.message());
  std::unique_ptr<FactCache> cache(new FactCache(folder + "/" + file_name, files));
  for (const bool again : {false, true})
    try {
      cache->database_ = open_database(cache->path_);
      break;
    } catch (const DatabaseError &database_error) {
      if (again || !database_error.damaged)
        return fail("cannot use the cache " + cache->path_ + ": " + database_error.what());
      remove_database(cache->path_);
    }
  return cache;
}

Result<void> FactCache::clear(const std::string &folder) {
  const std::string path = folder + "/" + file_name;
  if (const std::error_code error = remove_database(path))
    return fail("cannot remove the cache " + path + ": " + error.message());
  return {};
}

template <class Work> void FactCache::attempt(Work work) {
  const std::lock_guard lock(mutex_);
  if (problem_.empty())
    try {
      work();
    } catch (const DatabaseError &error) {
      problem_ = "the cache " + path_ + " is not used: " + error.what();
      if (error.damaged)
        problem_ += "; \"ringfence cache clear\" makes a new one";
    }
}

std::string FactCache::problem() {
  const std::lock_guard lock(mutex_);
  return problem_;
}

std::optional<TuFacts> FactCache::find(const std::string &key) {
  std::string dependencies, facts;
  attempt([&] {
    if (!find_)
      find_ = std::make_unique<Query>(database_->query("SELECT dependencies, facts, used FROM unit WHERE key = ?"));
    find_->reset();
    bool old = false;
    if (find_->bind(1, key).step()) {
      dependencies = find_->blob(0);
      facts = find_->blob(1);
      old = find_->number(2) < today();
    }
    find_->reset();
    if (old) // not in every run: it rewrites the entry
      database_->query("UPDATE unit SET used = ? WHERE key = ?").bind(1, today()).bind(2, key).step();
  });
  const std::optional<std::string_view> rests_on = unsealed(dependencies);
  if (!rests_on || !states_.hold(*rests_on))
    return std::nullopt;
  Result<TuFacts> decoded = decode(facts);
  return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
}

void FactCache::store(const std::string &key, const Dependencies &dependencies, const TuFacts &facts) {
  const std::string rests_on = sealed(to_bytes(dependencies)), bytes = encode(facts);
  attempt([&] {
    database_->query("INSERT OR REPLACE INTO unit VALUES (?, ?, ?, ?)")
        .bind(1, key)
        .bind(2, today())
        .bind(3, rests_on)
        .bind(4, bytes)
        .step();
  });
}

std::uint64_t FactCache::file_bytes() {
  Query query = database_->query("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  query.step();
  return static_cast<std::uint64_t>(query.number(0));
}

FactCache::Summary FactCache::summary() {
  Summary summary;
  attempt([&] {
    Query query = database_->query("SELECT count(*), ifnull(min(used), ?) FROM unit");
    query.bind(1, today()).step();
    summary = {static_cast<std::size_t>(query.number(0)), file_bytes(), today() - query.number(1)};
  });
  return summary;
}

void FactCache::shrink_to(std::uint64_t bytes) {
  attempt([&] {
    while (file_bytes() > bytes) {
      Query dropped = database_->query("DELETE FROM unit WHERE key IN (SELECT key FROM unit ORDER BY used LIMIT 100) "
                                       "RETURNING key");
      bool any = false;
      while (dropped.step())
        any = true;
      if (!any)
        return;
      Query vacuum = database_->query("PRAGMA incremental_vacuum");
      while (vacuum.step())
        ;
    }
  });
}

std::size_t FactCache::verify() {
  std::vector<std::string> damaged;
  attempt([&] {
    Query query = database_->query("SELECT key, dependencies, facts FROM unit");
    while (query.step())
      if (!unsealed(query.blob(1)) || !decode(query.blob(2)))
        damaged.emplace_back(query.blob(0));
  });
  attempt([&] {
    for (const std::string &key : damaged)
      database_->query("DELETE FROM unit WHERE key = ?").bind(1, key).step();
  });
  return damaged.size();
}

std::string default_cache_folder() {
  if (const char *folder = std::getenv("RINGFENCE_CACHE"))
    return folder;
  if (const char *folder = std::getenv("XDG_CACHE_HOME"); folder && *folder == '/') // the XDG specification
    return std::string(folder) + "/ringfence";
  const char *home = std::getenv("HOME");
  return home && *home ? std::string(home) + "/.cache/ringfence" : "";
}

} // namespace ringfence
