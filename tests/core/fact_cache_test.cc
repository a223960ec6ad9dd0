#include <fstream>

#include <catch2/catch.hpp>

#include "base/hash.h"
#include "cache/fact_cache.h"
#include "temporary_folder.h"

namespace ringfence {
namespace {

TuFacts facts_of(const std::string &unit) {
  TuFacts facts;
  facts.unit = unit;
  return facts;
}

// /t/a.h was read, /t/b.h was looked for, /t was listed.
using Files = std::map<std::string, std::string>;
const MemoryFileSystem before(Files{{"/t/a.h", "int a;"}});
const Dependencies rests_on = {
    {"/t/a.h", hash_hex("int a;")}, {"/t/b.h", path_absent}, {"/t", listing_state(before, "/t")}, {"/", path_present}};

std::unique_ptr<FactCache> open_in(const TemporaryFolder &folder, const FileSystem &files = before) {
  auto cache = FactCache::open(folder.path / "cache", files);
  REQUIRE(cache);
  return std::move(*cache);
}

// Whether a run that sees these files finds what was stored when they were as `before`.
bool holds_for(Files contents) {
  const TemporaryFolder folder;
  const MemoryFileSystem files(std::move(contents));
  open_in(folder)->store("key", rests_on, facts_of("a.c"));
  return open_in(folder, files)->find("key") == facts_of("a.c");
}

void write_over(const std::string &path, std::streamoff at, const std::string &bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << bytes;
}

} // namespace

TEST_CASE("facts are found while all that they rest on is as it was") {
  CHECK(holds_for({{"/t/a.h", "int a;"}}));
  CHECK_FALSE(holds_for({{"/t/a.h", "int b;"}}));
  CHECK_FALSE(holds_for({}));
  CHECK_FALSE(holds_for({{"/t/a.h", "int a;"}, {"/t/b.h", ""}}));
  CHECK_FALSE(holds_for({{"/t/a.h", "int a;"}, {"/t/c.h", ""}}));
}

TEST_CASE("facts that rest on what changed while it was read are never found") {
  const TemporaryFolder folder;
  const auto cache = open_in(folder);
  cache->store("key", {{"/t/a.h", path_changing}}, facts_of("a.c"));
  CHECK_FALSE(cache->find("key"));
}

TEST_CASE("a key has its latest facts, another has none") {
  const TemporaryFolder folder;
  const auto cache = open_in(folder), at_once = open_in(folder);
  cache->store("key", rests_on, facts_of("old"));
  at_once->store("key", rests_on, facts_of("new"));
  CHECK(cache->find("key") == facts_of("new"));
  CHECK_FALSE(cache->find("other"));
  CHECK(cache->problem() == "");
}

TEST_CASE("a cache shrinks to a size") {
  const TemporaryFolder folder;
  const auto cache = open_in(folder);
  for (int i = 0; i < 300; ++i)
    cache->store(std::to_string(i), rests_on, facts_of(std::string(4096, 'x')));
  const FactCache::Summary full = cache->summary();
  CHECK(full.units == 300);
  cache->shrink_to(full.bytes / 2);
  const FactCache::Summary half = cache->summary();
  CHECK(half.bytes <= full.bytes / 2);
  CHECK(half.units > 0);
  CHECK(half.units < 300);
  cache->shrink_to(0);
  CHECK(cache->summary().units == 0);
}

TEST_CASE("a file that is no cache is replaced by one") {
  const TemporaryFolder folder;
  const std::string path = open_in(folder)->path();
  std::ofstream(path) << std::string(100'000, '?');
  const auto cache = open_in(folder);
  cache->store("key", rests_on, facts_of("a.c"));
  CHECK(cache->find("key") == facts_of("a.c"));
}

TEST_CASE("a damaged entry is not found, and verify drops it") {
  const TemporaryFolder folder;
  const std::string name = "a name that stands in the file once";
  const std::string path = open_in(folder)->path();
  open_in(folder)->store("key", rests_on, facts_of(name)); // closing writes all into the file
  const std::string bytes = *DiskFileSystem().read(path);
  REQUIRE(bytes.find(name) != std::string::npos);
  write_over(path, static_cast<std::streamoff>(bytes.find(name)), "A");
  CHECK_FALSE(open_in(folder)->find("key"));
  CHECK(open_in(folder)->verify() == 1);
  CHECK(open_in(folder)->verify() == 0);
  CHECK(open_in(folder)->summary().units == 0);
}

TEST_CASE("random bytes anywhere in the file give the right facts, none or a problem") {
  const TemporaryFolder folder;
  const std::string path = open_in(folder)->path();
  for (int i = 0; i < 20; ++i)
    open_in(folder)->store(std::to_string(i), rests_on, facts_of(std::string(1000, 'a')));
  const std::string good = *DiskFileSystem().read(path);
  for (std::size_t at = 0; at < good.size(); at += 509) {
    std::ofstream(path, std::ios::binary) << good;
    write_over(path, static_cast<std::streamoff>(at), hash_hex(std::to_string(at)));
    const auto cache = FactCache::open(folder.path / "cache", before);
    if (!cache)
      continue;
    for (int i = 0; i < 20; ++i)
      if (const auto facts = (*cache)->find(std::to_string(i)))
        REQUIRE(*facts == facts_of(std::string(1000, 'a')));
  }
}

TEST_CASE("a folder that cannot be made is an error") {
  const TemporaryFolder folder;
  std::ofstream(folder.path / "file") << "";
  const auto cache = FactCache::open(folder.path / "file/cache", before);
  REQUIRE_FALSE(cache);
  CHECK(cache.error().message.find("cannot make the cache folder") == 0);
}

} // namespace ringfence
