#include "knowledge/knowledge.h"

#include <algorithm>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_reader.h"

namespace ringfence {

namespace {

const std::vector<std::string> entry_keys = {"returns", "traits",      "parameters", "variadic",
                                             "since",   "alternative", "source",     "note"};
const std::vector<std::string> return_words = {"new-object", "borrowed-object", "immortal-object",
                                               "memory",     "static-buffer",   "plain"};
const std::map<std::string, ParameterUse> parameter_words = {{"unknown", ParameterUse::unknown},
                                                             {"read", ParameterUse::read},
                                                             {"written", ParameterUse::written},
                                                             {"retained", ParameterUse::retained},
                                                             {"synchronised", ParameterUse::synchronised}};

ApiEntry read_entry(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  ApiEntry entry;
  entry.name = name;
  reader.known_keys(json, name, entry_keys);
  entry.returns = reader.text(json, "returns", {});
  if (!entry.returns.empty())
    reader.one_of(entry.returns, name + ".returns", return_words);
  entry.traits = reader.texts(json, "traits");
  std::sort(entry.traits.begin(), entry.traits.end());
  std::vector<std::string> words;
  for (const auto &[word, use] : parameter_words)
    words.push_back(word);
  for (const std::string &word : reader.texts(json, "parameters"))
    if (reader.one_of(word, name + ".parameters", words))
      entry.parameters.push_back(parameter_words.at(word));
  entry.variadic = reader.flag(json, "variadic");
  entry.since = reader.text(json, "since", {});
  entry.alternative = reader.text(json, "alternative", {});
  entry.source = reader.text(json, "source");
  entry.note = reader.text(json, "note", {});
  return entry;
}

const std::map<std::string, KnownLock::Does> lock_deeds = {{"acquire", KnownLock::Does::acquire},
                                                           {"release", KnownLock::Does::release},
                                                           {"once", KnownLock::Does::once},
                                                           {"hold", KnownLock::Does::hold}};
const std::map<std::string, KnownLock::Kind> lock_kinds = {{"mutex", KnownLock::Kind::mutex},
                                                           {"shared", KnownLock::Kind::shared},
                                                           {"spin", KnownLock::Kind::spin},
                                                           {"critical-section", KnownLock::Kind::critical_section},
                                                           {"gil", KnownLock::Kind::gil}};

template <class Value>
Value read_word(JsonReader &reader, const std::string &word, const std::string &where,
                const std::map<std::string, Value> &values) {
  std::vector<std::string> words;
  for (const auto &[known, value] : values)
    words.push_back(known);
  return reader.one_of(word, where, words) ? values.at(word) : Value();
}

KnownLock read_lock(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  reader.known_keys(json, name, {"does", "kind", "family", "argument", "callback", "source"});
  KnownLock lock;
  lock.does = read_word(reader, reader.text(json, "does"), name + ".does", lock_deeds);
  lock.kind = read_word(reader, reader.text(json, "kind", "mutex"), name + ".kind", lock_kinds);
  lock.family = reader.text(json, "family", {});
  lock.argument = static_cast<int>(reader.number(json, "argument", 0));
  lock.callback = static_cast<int>(reader.number(json, "callback", 1));
  lock.source = reader.text(json, "source");
  if (lock.argument < -1 || lock.argument > 255 || lock.callback < 0 || lock.callback > 255)
    reader.complain(name + ": \"argument\" and \"callback\" are positions from 0");
  return lock;
}

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

const ApiEntry *look_up(const std::map<std::string, ApiEntry, std::less<>> &entries, std::string_view name) {
  const auto found = entries.find(name);
  return found == entries.end() ? nullptr : &found->second;
}

} // namespace

bool ApiEntry::has(std::string_view trait) const { return std::binary_search(traits.begin(), traits.end(), trait); }

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
  const auto json = nlohmann::json::parse(text, nullptr, false);
  JsonReader reader(file);
  if (!reader.object(json, "the file"))
    return reader.result();
  reader.known_keys(json, "the file", {"schema", "about", "functions", "records", "objects", "declarations", "locks"});
  reader.one_of(reader.text(json, "schema"), "schema", {"ringfence-table/1"});
  const std::pair<const char *, std::map<std::string, ApiEntry, std::less<>> *> sections[] = {
      {"functions", &functions_}, {"records", &records_}, {"objects", &objects_}};
  for (const auto &[key, entries] : sections) {
    const auto section = json.find(key);
    if (section == json.end() || !reader.object(*section, key))
      continue;
    for (const auto &[name, entry] : section->items())
      if (reader.object(entry, name))
        entries->insert_or_assign(name, read_entry(reader, name, entry));
  }
  if (const auto locks = json.find("locks"); locks != json.end() && reader.object(*locks, "locks"))
    for (const auto &[name, lock] : locks->items())
      if (reader.object(lock, name))
        locks_.insert_or_assign(name, read_lock(reader, name, lock));
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
const ApiEntry *Knowledge::record(std::string_view name) const { return look_up(records_, name); }
const ApiEntry *Knowledge::object(std::string_view name) const { return look_up(objects_, name); }

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

bool Knowledge::is_lifecycle(std::string_view name) const {
  const ApiEntry *entry = function(name);
  return entry && entry->has("runtime-lifecycle");
}

const KnownLock *Knowledge::lock(std::string_view name) const {
  const auto found = locks_.find(name);
  return found == locks_.end() ? nullptr : &found->second;
}

std::vector<std::string> Knowledge::traits() const {
  std::set<std::string> all;
  for (const auto *entries : {&functions_, &records_, &objects_})
    for (const auto &[name, entry] : *entries)
      all.insert(entry.traits.begin(), entry.traits.end());
  return {all.begin(), all.end()};
}

} // namespace ringfence
