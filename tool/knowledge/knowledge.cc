#include "knowledge/knowledge.h"

#include <algorithm>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/strict_json.h"
#include "base/text.h"
#include "knowledge/table_reader.h"

namespace ringfence {

namespace {

constexpr std::size_t banner_size = 2048; // bytes from the start in which every banner stands

// What the traits of a function say of it where no table says more.
std::optional<KnownLock> lock_of_traits(const ApiEntry &entry) {
  KnownLock lock;
  lock.source = entry.source;
  if (entry.has("lock-acquire-shared"))
    lock.kind = KnownLock::Kind::shared;
  else if (entry.has("lock-release"))
    lock.does = KnownLock::Does::release;
  else if (entry.has("once"))
    lock.does = KnownLock::Does::once;
  else if (!entry.has("lock-acquire"))
    return std::nullopt;
  return lock;
}

template <class Entries> auto look_up(const Entries &entries, std::string_view name) {
  const auto found = entries.find(name);
  return found == entries.end() ? nullptr : &found->second;
}

bool is_listed(const std::vector<std::string> &sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

bool begins_with_any(std::string_view text, const std::vector<std::string> &beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](const auto &each) { return text.starts_with(each); });
}

// The star stands for any part of a name that holds no namespace.
bool fits(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  const std::string_view first = pattern.substr(0, star), last = pattern.substr(star + 1);
  return name.size() >= first.size() + last.size() && name.starts_with(first) && name.ends_with(last) &&
         name.substr(first.size(), name.size() - first.size() - last.size()).find(':') == name.npos;
}

// Reads each entry of an optional section.
template <class Read, class Put>
void read_section(JsonReader &reader, const nlohmann::json &json, const char *key, Read read, Put put) {
  const auto section = json.find(key);
  if (section == json.end() || !reader.object(*section, key))
    return;
  for (const auto &[name, entry] : section->items())
    if (reader.object(entry, name))
      put(name, read(reader, name, entry));
}

} // namespace

bool ApiEntry::has(std::string_view trait) const { return is_listed(traits, trait); }
bool KnownType::has(std::string_view trait) const { return is_listed(traits, trait); }

ParameterUse ApiEntry::parameter(std::size_t position) const {
  if (position < parameters.size())
    return parameters[position];
  return variadic && !parameters.empty() ? parameters.back() : ParameterUse::unknown;
}

CallbackUse ApiEntry::callbacks() const {
  if (has("once"))
    return CallbackUse::once;
  if (has("calls-argument"))
    return CallbackUse::during;
  if (has("process-exit-hook") || has("py-atexit") || has("capsule-new"))
    return CallbackUse::at_end;
  return CallbackUse::unknown;
}

Result<void> Knowledge::add(const std::string &file, std::string_view text) {
  const Result<nlohmann::json> parsed = parse_json(text);
  if (!parsed)
    return fail(file + ": " + parsed.error().message);
  const nlohmann::json &json = *parsed;
  JsonReader reader(file);
  if (!reader.object(json, "the file"))
    return reader.result();
  reader.known_keys(json, "the file",
                    {"schema", "about", "functions", "records", "objects", "declarations", "newest_released",
                     "windows_macros", "not_on_windows", "locks", "atomics",
                     "generators"}); // four of python-names.json are read where they are used
  reader.one_of(reader.text(json, "schema"), "schema", {"ringfence-table/1"});
  const auto into = [](auto &entries) {
    return [&entries](const std::string &name, auto entry) { entries.insert_or_assign(name, std::move(entry)); };
  };
  read_section(reader, json, "functions", read_entry, into(functions_));
  read_section(reader, json, "objects", read_entry, into(objects_));
  read_section(reader, json, "locks", read_lock, into(locks_));
  read_section(reader, json, "atomics", read_atomic, into(atomics_));
  read_section(reader, json, "generators", read_generator, into(generators_));
  read_section(reader, json, "records", read_type, [&](const std::string &name, KnownType type) {
    if (name.find('*') == name.npos)
      types_.insert_or_assign(name, std::move(type));
    else
      type_patterns_.insert_or_assign(name, std::move(type));
  });
  for (const auto &[name, entry] : functions_)
    if (const std::optional<KnownLock> lock = lock_of_traits(entry))
      locks_.emplace(name, *lock);
  hash_ = hash_hex(hash_ + std::string(text));
  return reader.result();
}

void Knowledge::add_function(ApiEntry entry) {
  std::sort(entry.traits.begin(), entry.traits.end());
  std::string name = entry.name;
  functions_.insert_or_assign(std::move(name), std::move(entry));
}

const ApiEntry *Knowledge::function(std::string_view name) const { return look_up(functions_, name); }
const ApiEntry *Knowledge::object(std::string_view name) const { return look_up(objects_, name); }
const KnownLock *Knowledge::lock(std::string_view name) const { return look_up(locks_, name); }
const Generator *Knowledge::generator(std::string_view name) const { return look_up(generators_, name); }

bool Knowledge::detaches(std::string_view name) const {
  if (const KnownLock *known = lock(name))
    return known->detaches;
  return std::any_of(locks_.begin(), locks_.end(),
                     [&](const auto &each) { return each.second.detaches && each.second.family == name; });
}

const KnownType *Knowledge::type(std::string_view name) const {
  if (const auto found = types_.find(name); found != types_.end())
    return &found->second;
  for (const auto &[pattern, type] : type_patterns_)
    if (fits(pattern, name))
      return &type;
  return nullptr;
}

const KnownAtomic *Knowledge::atomic(std::string_view name) const {
  const KnownAtomic *longest = nullptr;
  std::size_t size = 0;
  for (const auto &[pattern, atomic] : atomics_) {
    const bool open = pattern.ends_with('*');
    const std::string_view text = std::string_view(pattern).substr(0, pattern.size() - open);
    if (pattern.size() > size && (open ? name.starts_with(text) : name == text)) {
      longest = &atomic;
      size = pattern.size();
    }
  }
  return longest;
}

bool Knowledge::has(std::string_view name, std::string_view trait) const {
  const ApiEntry *entry = function(name);
  return entry && entry->has(trait);
}

ParameterUse Knowledge::parameter_use(std::string_view name, std::size_t position) const {
  const ApiEntry *entry = function(name);
  return entry ? entry->parameter(position) : ParameterUse::unknown;
}

bool Knowledge::is_variadic_at(std::string_view name, std::size_t position) const {
  const ApiEntry *entry = function(name);
  return entry && entry->is_variadic_at(position);
}

CallbackUse Knowledge::callback_use(std::string_view name) const {
  const ApiEntry *entry = function(name);
  return entry ? entry->callbacks() : CallbackUse::unknown;
}

bool Knowledge::is_lifecycle(std::string_view name) const { return has(name, "runtime-lifecycle"); }

std::string Knowledge::generator_of_text(std::string_view content) const {
  const std::string_view head = content.substr(0, banner_size);
  for (const auto &[name, generator] : generators_) {
    const auto stands = [&](const std::string &banner) { return contains(head, banner); };
    if (begins_with_any(head, generator.first_lines) ||
        std::any_of(generator.banners.begin(), generator.banners.end(), stands))
      return name;
  }
  return {};
}

std::string Knowledge::generator_of_name(std::vector<std::string> Generator::*list, std::string_view name) const {
  for (const auto &[generator, known] : generators_)
    if (begins_with_any(name, known.*list))
      return generator;
  return {};
}

std::vector<std::string> Knowledge::traits() const {
  std::set<std::string> all;
  for (const auto *entries : {&functions_, &objects_})
    for (const auto &[name, entry] : *entries)
      all.insert(entry.traits.begin(), entry.traits.end());
  for (const auto &[name, type] : types_)
    all.insert(type.traits.begin(), type.traits.end());
  return {all.begin(), all.end()};
}

} // namespace ringfence
