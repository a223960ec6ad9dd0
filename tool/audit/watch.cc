#include "audit/watch.h"

#include <nlohmann/json.hpp>

#include "audit/sections.h"
#include "base/path.h"
#include "manifest/document.h"
#include "manifest/elf_symbols.h"

namespace ringfence {

Result<std::string> watch_manifest(const std::string &file, std::string bytes, std::string_view tool_version) {
  using Json = nlohmann::ordered_json;
  const Result<SharedObject> object = read_shared_object(file, std::move(bytes));
  if (!object)
    return tl::unexpected(object.error());
  Json objects = Json::array();
  for (const DataSymbol &symbol : object->symbols) {
    if (!is_writable_section(symbol.section))
      continue;
    const std::string source = symbol.source.empty() ? std::string(file_name(file)) : symbol.source;
    objects.push_back({{"id", source + ":" + symbol.name},
                       {"symbol", symbol.name},
                       {"section", symbol.section},
                       {"offset", symbol.offset},
                       {"address", symbol.address},
                       {"size", symbol.size},
                       {"thread_local", symbol.thread_local_storage},
                       {"object_words", nullptr},
                       {"ambiguous", false},
                       {"kind", "data"},
                       {"verdict", "unclassified"},
                       {"writes", "anywhere"},
                       {"owner", "process"},
                       {"risk", "medium"},
                       {"source", source + ":0"},
                       {"advice", ""}});
  }
  if (objects.empty())
    return fail(file + " names no data that can be written" + (object->stripped ? ": it is stripped" : ""));
  const Json id = object->build_id.empty() ? Json(nullptr) : Json(object->build_id);
  Json files = Json::array(
      {{{"file", file}, {"build_id", id}, {"stripped", object->stripped}, {"objects", std::move(objects)}}});
  return manifest_text(tool_version, "own-gil", std::move(files), Json::array());
}

} // namespace ringfence
