#include "audit/reading.h"

#include <nlohmann/json.hpp>

namespace nlohmann {

template <> struct adl_serializer<std::optional<std::int64_t>> {
  static void to_json(json &json, const std::optional<std::int64_t> &value) {
    json = value ? nlohmann::json(*value) : nlohmann::json(nullptr);
  }
  static void from_json(const json &json, std::optional<std::int64_t> &value) {
    value = json.is_null() ? std::nullopt : std::optional(json.get<std::int64_t>());
  }
};

} // namespace nlohmann

namespace ringfence {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BinaryModule, name, init, state_size, interpreters, gil)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AuditedLibrary, file, package, error, format, machine, abi, import_folder, made_by,
                                   modules, inner_modules, calls, libraries, shared_state, writable_bytes, writable)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Reading, libraries, notes)

std::string encode(const Reading &reading) {
  std::string bytes;
  nlohmann::json::to_cbor(nlohmann::json(reading), bytes);
  return bytes;
}

Result<Reading> decode_reading(const std::string &bytes) {
  try {
    return nlohmann::json::from_cbor(bytes).get<Reading>();
  } catch (const nlohmann::json::exception &) {
    return fail("it is damaged: what was read of it did not arrive");
  }
}

} // namespace ringfence
