#include "manifest/manifest.h"

#include <set>

#include "manifest/document.h"
#include "manifest/symbol_match.h"
#include "report/names.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

Json entry(const ReportedObject &object, const DataSymbol &symbol, bool ambiguous, Profile profile) {
  Json json = {{"id", object.subject.id()},
               {"symbol", symbol.name},
               {"section", symbol.section},
               {"offset", symbol.offset},
               {"address", symbol.address},
               {"size", symbol.size},
               {"thread_local", symbol.thread_local_storage}};
  // Of a definition of a module the head and m_copy are the interpreter's to fill in.
  std::vector<std::uint32_t> words = object.kind == "api-table" ? std::vector<std::uint32_t>() : object.object_words;
  std::erase_if(words, [&](std::uint32_t at) { return std::uint64_t{at} + sizeof(void *) > symbol.size; });
  json["object_words"] = words.empty() ? Json(nullptr) : Json(words);
  json["ambiguous"] = ambiguous;
  json["kind"] = object.kind;
  json["verdict"] = object.verdict;
  json["writes"] = to_string(object.writes);
  json["owner"] = to_string(object.level == Level::constant ? Level::process : object.level);
  json["risk"] = to_string(risk_of(object.risk, profile));
  json["source"] = object.place.file + ":" + std::to_string(object.place.line);
  json["advice"] = object.advice;
  return json;
}

// A header's static is one object per unit; several symbols of one unit mean that the names do not tell which is meant.
bool is_ambiguous(const std::vector<std::size_t> &matches, const std::vector<DataSymbol> &symbols) {
  std::set<std::string> sources;
  for (std::size_t match : matches)
    if (!sources.insert(symbols[match].source).second)
      return true;
  return false;
}

} // namespace

std::string manifest_json(const Report &report, const std::vector<SharedObject> &shared_objects,
                          const ManifestOptions &options) {
  std::vector<const ReportedObject *> wanted;
  for (const ReportedObject &object : report.objects)
    if (options.all || risk_of(object.risk, options.profile) != Risk::none)
      wanted.push_back(&object);

  std::set<const ReportedObject *> found;
  Json files = Json::array();
  for (const SharedObject &file : shared_objects) {
    Json objects = Json::array();
    for (const ReportedObject *object : wanted) {
      const std::vector<std::size_t> matches = matching_symbols(*object, file.symbols);
      const bool ambiguous = is_ambiguous(matches, file.symbols);
      if (ambiguous && risk_of(object->risk, options.profile) == Risk::none)
        continue; // a change of one of the symbols would say nothing about this object's verdict
      for (std::size_t match : matches) {
        objects.push_back(entry(*object, file.symbols[match], ambiguous, options.profile));
        found.insert(object);
      }
    }
    Json build_id = file.build_id.empty() ? Json(nullptr) : Json(file.build_id);
    files.push_back({{"file", file.file}, {"build_id", build_id}, {"stripped", file.stripped}, {"objects", objects}});
  }
  Json missing = Json::array();
  for (const ReportedObject *object : wanted)
    if (!found.contains(object))
      missing.push_back(object->subject.id());

  return manifest_text(report.tool_version, to_string(options.profile), std::move(files), std::move(missing));
}

} // namespace ringfence
