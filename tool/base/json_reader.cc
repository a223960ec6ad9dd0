#include "base/json_reader.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/spelling.h"

namespace ringfence {

bool JsonReader::object(const nlohmann::json &json, const std::string &where) {
  if (json.is_object())
    return true;
  complain(where + " is not a JSON object");
  return false;
}

std::string JsonReader::text(const nlohmann::json &json, const std::string &key) {
  if (!json.contains(key))
    complain("\"" + key + "\" is missing");
  return text(json, key, {});
}

std::string JsonReader::text(const nlohmann::json &json, const std::string &key, const std::string &otherwise) {
  const auto found = json.find(key);
  if (found == json.end())
    return otherwise;
  if (found->is_string())
    return found->get<std::string>();
  complain("\"" + key + "\" is not a text");
  return otherwise;
}

std::vector<std::string> JsonReader::texts(const nlohmann::json &json, const std::string &key) {
  std::vector<std::string> all;
  const auto found = json.find(key);
  if (found == json.end())
    return all;
  if (!found->is_array())
    complain("\"" + key + "\" is not a list");
  else
    for (const auto &item : *found) {
      if (item.is_string())
        all.push_back(item.get<std::string>());
      else
        complain("\"" + key + "\" has an element that is not a text");
    }
  return all;
}

bool JsonReader::flag(const nlohmann::json &json, const std::string &key) {
  const auto found = json.find(key);
  if (found == json.end())
    return false;
  if (!found->is_boolean())
    complain("\"" + key + "\" is neither true nor false");
  return found->is_boolean() && found->get<bool>();
}

long long JsonReader::number(const nlohmann::json &json, const std::string &key, long long otherwise) {
  const auto found = json.find(key);
  if (found == json.end())
    return otherwise;
  if (found->is_number_integer())
    return found->get<long long>();
  complain("\"" + key + "\" is not a whole number");
  return otherwise;
}

void JsonReader::known_keys(const nlohmann::json &json, const std::string &where,
                            const std::vector<std::string> &keys) {
  for (const auto &[key, value] : json.items())
    one_of(key, "a key of " + where, keys);
}

bool JsonReader::one_of(const std::string &word, const std::string &where, const std::vector<std::string> &words) {
  if (std::find(words.begin(), words.end(), word) != words.end())
    return true;
  const std::string nearest = nearest_spelling(word, words);
  complain("\"" + word + "\" is not known as " + where +
           (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
  return false;
}

void JsonReader::complain(const std::string &what) {
  if (!error_)
    error_ = file_ + ": " + what;
}

Result<void> JsonReader::result() const {
  if (error_)
    return fail(*error_);
  return {};
}

} // namespace ringfence
