#include "extract/parse/system_headers.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "extract/parse/python_names.h"

namespace ringfence {

bool is_of_other_systems(const std::string &header) {
  static const nlohmann::json names = nlohmann::json::parse(embedded_python_names()).at("not_on_windows");
  return std::any_of(names.begin(), names.end(), [&](const nlohmann::json &entry) {
    const std::string &name = entry.get_ref<const std::string &>();
    return name.ends_with('/') ? header.starts_with(name) : header == name;
  });
}

} // namespace ringfence
