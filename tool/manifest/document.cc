#include "manifest/document.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/printable.h"

namespace ringfence {

std::string manifest_text(std::string_view tool_version, std::string_view profile, nlohmann::ordered_json files,
                          nlohmann::ordered_json missing) {
  using Json = nlohmann::ordered_json;
  std::size_t objects = 0;
  for (const Json &file : files)
    objects += file.at("objects").size();
  const Json json = {{"schema", "ringfence-manifest/2"},
                     {"tool", {{"name", "ringfence"}, {"version", tool_version}}},
                     {"profile", profile},
                     {"counts", {{"files", files.size()}, {"objects", objects}, {"missing", missing.size()}}},
                     {"files", std::move(files)},
                     {"missing", std::move(missing)}};
  std::string text = escape_json(json.dump(1, ' ', false, Json::error_handler_t::replace));
  text.resize(text.rfind("\n}"));
  return text + ",\n \"digest\": \"" + blob_id(text) + "\"\n}\n";
}

} // namespace ringfence
