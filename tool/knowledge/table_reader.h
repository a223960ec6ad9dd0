// Reads the entries of table files (knowledge/knowledge.h).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/json_reader.h"
#include "knowledge/knowledge.h"

namespace ringfence {

ApiEntry read_entry(JsonReader &reader, const std::string &name, const nlohmann::json &json);
KnownType read_type(JsonReader &reader, const std::string &name, const nlohmann::json &json);
KnownLock read_lock(JsonReader &reader, const std::string &name, const nlohmann::json &json);
KnownAtomic read_atomic(JsonReader &reader, const std::string &name, const nlohmann::json &json);
Generator read_generator(JsonReader &reader, const std::string &name, const nlohmann::json &json);

} // namespace ringfence
