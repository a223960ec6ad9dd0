#include "knowledge/table_reader.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace ringfence {

namespace {

constexpr long long max_position = 255; // of an argument

template <class Value> using Words = std::map<std::string, Value>;

const std::vector<std::string> return_words = {"new-object", "borrowed-object", "immortal-object",
                                               "memory",     "static-buffer",   "plain"};
const Words<ParameterUse> parameter_words = {{"unknown", ParameterUse::unknown},
                                             {"read", ParameterUse::read},
                                             {"written", ParameterUse::written},
                                             {"retained", ParameterUse::retained},
                                             {"synchronised", ParameterUse::synchronised}};
const Words<KnownType::Is> type_words = {
    {"object", KnownType::Is::object},     {"interpreter", KnownType::Is::interpreter},
    {"lock", KnownType::Is::lock},         {"lock-flag", KnownType::Is::lock_flag},
    {"atomic", KnownType::Is::atomic},     {"handle", KnownType::Is::handle},
    {"owner", KnownType::Is::owner},       {"borrower", KnownType::Is::borrower},
    {"wrapper", KnownType::Is::wrapper},   {"pointer", KnownType::Is::pointer},
    {"callable", KnownType::Is::callable}, {"crossing", KnownType::Is::crossing}};
const Words<KnownLock::Does> lock_deeds = {{"acquire", KnownLock::Does::acquire},
                                           {"release", KnownLock::Does::release},
                                           {"once", KnownLock::Does::once},
                                           {"hold", KnownLock::Does::hold}};
const Words<KnownLock::Kind> lock_kinds = {{"mutex", KnownLock::Kind::mutex},
                                           {"shared", KnownLock::Kind::shared},
                                           {"spin", KnownLock::Kind::spin},
                                           {"critical-section", KnownLock::Kind::critical_section},
                                           {"gil", KnownLock::Kind::gil}};
const Words<KnownAtomic::Does> atomic_deeds = {{"fence", KnownAtomic::Does::fence},
                                               {"load", KnownAtomic::Does::load},
                                               {"store", KnownAtomic::Does::store},
                                               {"modify", KnownAtomic::Does::modify}};

template <class Value>
Value read_word(JsonReader &reader, const std::string &word, const std::string &where, const Words<Value> &values) {
  std::vector<std::string> words;
  for (const auto &[known, value] : values)
    words.push_back(known);
  return reader.one_of(word, where, words) ? values.at(word) : Value();
}

std::vector<std::string> read_traits(JsonReader &reader, const nlohmann::json &json) {
  std::vector<std::string> traits = reader.texts(json, "traits");
  std::sort(traits.begin(), traits.end());
  return traits;
}

int read_position(JsonReader &reader, const std::string &name, const nlohmann::json &json, const char *key,
                  int otherwise, int least) {
  const long long position = reader.number(json, key, otherwise);
  if (position < least || position > max_position)
    reader.complain(name + ": \"" + key + "\" is not a position, which begin at 0");
  return static_cast<int>(position);
}

} // namespace

ApiEntry read_entry(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  ApiEntry entry;
  entry.name = name;
  reader.known_keys(json, name,
                    {"returns", "traits", "parameters", "variadic", "bases", "since", "alternative", "source", "note"});
  entry.returns = reader.text(json, "returns", {});
  if (!entry.returns.empty())
    reader.one_of(entry.returns, name + ".returns", return_words);
  entry.traits = read_traits(reader, json);
  for (const std::string &word : reader.texts(json, "parameters"))
    entry.parameters.push_back(read_word(reader, word, name + ".parameters", parameter_words));
  entry.variadic = reader.flag(json, "variadic");
  entry.bases = read_position(reader, name, json, "bases", -1, -1);
  entry.since = reader.text(json, "since", {});
  entry.alternative = reader.text(json, "alternative", {});
  entry.source = reader.text(json, "source");
  entry.note = reader.text(json, "note", {});
  return entry;
}

KnownType read_type(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  reader.known_keys(json, name, {"is", "traits", "source", "note"});
  KnownType type;
  type.traits = read_traits(reader, json);
  if (const std::string is = reader.text(json, "is", {}); !is.empty()) {
    type.is = read_word(reader, is, name + ".is", type_words);
    type.traits.insert(std::lower_bound(type.traits.begin(), type.traits.end(), is), is);
  }
  type.source = reader.text(json, "source");
  return type;
}

KnownLock read_lock(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  reader.known_keys(json, name, {"does", "kind", "family", "argument", "callback", "detaches", "source"});
  KnownLock lock;
  lock.does = read_word(reader, reader.text(json, "does"), name + ".does", lock_deeds);
  lock.kind = read_word(reader, reader.text(json, "kind", "mutex"), name + ".kind", lock_kinds);
  lock.family = reader.text(json, "family", {});
  lock.argument = read_position(reader, name, json, "argument", 0, -1);
  lock.callback = read_position(reader, name, json, "callback", 1, 0);
  lock.detaches = reader.flag(json, "detaches");
  lock.source = reader.text(json, "source");
  return lock;
}

KnownAtomic read_atomic(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  reader.known_keys(json, name, {"does", "value", "source"});
  KnownAtomic atomic;
  atomic.does = read_word(reader, reader.text(json, "does"), name + ".does", atomic_deeds);
  atomic.value = static_cast<unsigned>(read_position(reader, name, json, "value", 0, 0));
  atomic.source = reader.text(json, "source");
  return atomic;
}

Generator read_generator(JsonReader &reader, const std::string &name, const nlohmann::json &json) {
  const std::pair<const char *, std::vector<std::string> Generator::*> lists[] = {
      {"banners", &Generator::banners},
      {"first-lines", &Generator::first_lines},
      {"names", &Generator::names},
      {"file-names", &Generator::file_names},
      {"module-names", &Generator::module_names},
      {"runtime-names", &Generator::runtime_names},
      {"single-names", &Generator::single_names},
      {"project-names", &Generator::project_names},
      {"macros", &Generator::macros},
      {"headers", &Generator::headers}};
  std::vector<std::string> keys = {"writes-module", "mixed", "remedy", "source"};
  Generator generator;
  for (const auto &[key, list] : lists) {
    keys.emplace_back(key);
    generator.*list = reader.texts(json, key);
  }
  reader.known_keys(json, name, keys);
  generator.writes_module = reader.flag(json, "writes-module");
  generator.mixed = reader.flag(json, "mixed");
  generator.remedy = reader.text(json, "remedy", {});
  generator.source = reader.text(json, "source");
  return generator;
}

} // namespace ringfence
