#include "scan/unit_reader.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "base/hash.h"
#include "base/parallel.h"
#include "base/text.h"
#include "extract/extract.h"

namespace ringfence {
namespace {

constexpr std::uint64_t most_cache_bytes = 2ull << 30;

// Words that can be told apart whatever they hold.
void append(std::string &text, std::string_view word) {
  text.append(std::to_string(word.size())).append(":").append(word);
}

// The program itself stands for its version: another build may read other facts.
std::string describe_parser(const FileSystem &files, const ProjectPaths &paths) {
  std::string text;
  append(text, hash_hex(files.read("/proc/self/exe").value_or("")));
  append(text, parser_version());
  append(text, paths.root);
  append(text, paths.build);
  append(text, paths.knowledge ? paths.knowledge->hash() : "");
  // Clang's driver takes include folders from these (its manual, "Environment").
  for (const char *name : {"CPATH", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH"}) {
    const char *value = std::getenv(name);
    append(text, value ? value : "");
  }
  return text;
}

} // namespace

UnitReader::UnitReader(ProjectPaths paths, const std::string &cache, const FileSystem &files)
    : files_(files), paths_(std::move(paths)) {
  if (cache.empty())
    return;
  parser_ = describe_parser(files_, paths_);
  Result<std::unique_ptr<FactCache>> opened = FactCache::open(cache, files_);
  if (opened)
    cache_ = std::move(*opened);
  else
    problem_ = opened.error().message;
}

std::string UnitReader::key_of(const CompileUnit &unit) const {
  std::string text = parser_;
  for (const std::string &word : {unit.id, unit.file, unit.directory, unit.config})
    append(text, word);
  append(text, unit.language == Language::c ? "c" : "c++");
  for (const std::string &argument : unit.arguments)
    append(text, argument);
  return hash_hex(text);
}

std::vector<std::size_t> UnitReader::read_known(const std::vector<CompileUnit> &units, unsigned jobs,
                                                const std::function<void(TuFacts)> &use) {
  std::vector<std::size_t> unknown;
  std::mutex mutex;
  for_each_parallel(units.size(), jobs, [&](std::size_t i) {
    std::optional<TuFacts> facts = cache_ ? cache_->find(key_of(units[i])) : std::nullopt;
    const std::lock_guard lock(mutex);
    if (facts)
      use(std::move(*facts));
    else
      unknown.push_back(i);
  });
  std::sort(unknown.begin(), unknown.end());
  read_ += units.size();
  reused_ += units.size() - unknown.size();
  return unknown;
}

// Files that only this process knows are read by it.
void UnitReader::parse(const std::vector<CompileUnit> &units, const ExtractPlan &plan, const UseFacts &use) const {
  if (dynamic_cast<const DiskFileSystem *>(&files_))
    return extract_all(units, paths_, plan, use);
  for (std::size_t i = 0; i < units.size(); ++i)
    use(i, extract_given(units[i], paths_, files_), {});
}

void UnitReader::read(const std::vector<CompileUnit> &units, ExtractPlan plan,
                      const std::function<void(TuFacts)> &use) {
  plan.dependencies = cache_ != nullptr;
  std::vector<CompileUnit> unknown;
  for (const std::size_t i : read_known(units, plan.jobs, use))
    unknown.push_back(units[i]);
  parse(unknown, plan, [&](std::size_t i, TuFacts facts, const Dependencies &dependencies) {
    if (cache_ && facts.status != UnitStatus::failed)
      cache_->store(key_of(unknown[i]), dependencies, facts);
    use(std::move(facts));
  });
}

std::vector<std::string> UnitReader::finish() {
  if (cache_) {
    cache_->shrink_to(most_cache_bytes);
    problem_ = cache_->problem();
  }
  std::vector<std::string> notes;
  if (reused_ > 0)
    notes.push_back(std::to_string(reused_) + " of " + count_of(read_, "unit") + " known from an earlier run");
  if (!problem_.empty())
    notes.push_back("warning: " + problem_);
  return notes;
}

} // namespace ringfence
