// Reads checked values out of JSON and keeps the first thing that is wrong with it, in words for the author of the
// file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"

namespace ringfence {

class JsonReader {
public:
  explicit JsonReader(std::string file) : file_(std::move(file)) {}

  bool object(const nlohmann::json &json, const std::string &where);
  // A required text, or one with a default.
  std::string text(const nlohmann::json &json, const std::string &key);
  std::string text(const nlohmann::json &json, const std::string &key, const std::string &otherwise);
  std::vector<std::string> texts(const nlohmann::json &json, const std::string &key); // optional list of texts
  bool flag(const nlohmann::json &json, const std::string &key);                      // optional, false
  long long number(const nlohmann::json &json, const std::string &key, long long otherwise);

  // Both complain with the nearest spelling.
  void known_keys(const nlohmann::json &json, const std::string &where, const std::vector<std::string> &keys);
  bool one_of(const std::string &word, const std::string &where, const std::vector<std::string> &words);

  void complain(const std::string &what);
  Result<void> result() const;

private:
  std::string file_;
  std::optional<std::string> error_;
};

} // namespace ringfence
