#include "audit/sarif.h"

#include <nlohmann/json.hpp>

#include "audit/ways_out.h"
#include "base/hash.h"
#include "base/path.h"
#include "base/printable.h"
#include "base/text.h"
#include "report/names.h"
#include "report/uri.h"

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

std::string_view level_of(Outcome outcome) {
  switch (outcome) {
  case Outcome::refused:
  case Outcome::gil_on:
    return "error";
  case Outcome::at_own_risk:
    return "warning";
  default:
    return "note";
  }
}

Json rule(std::string_view id, std::string_view text) { return {{"id", id}, {"shortDescription", {{"text", text}}}}; }

Json rules() {
  return Json::array({rule("refused", "Python or the module raises ImportError there."),
                      rule("gil-on", "It loads into a build without the GIL, which then has one again."),
                      rule("own-risk", "Nothing keeps it from being loaded, and it does not say that it works there."),
                      rule("other-build", "The file is for builds with a GIL; a build without one imports another."),
                      rule("not-read", "The file does not say.")});
}

Json result(const AuditedLibrary &library, const BinaryModule &module, Profile profile, const Answer &answer) {
  const std::string name = library.import_name(module);
  const std::string package = library.package.empty() ? std::string() : " (" + library.package + ")";
  std::string text = name + package + ", " + std::string(to_string(profile)) + ": " + answer.reason + ".";
  if (const std::string way = way_out(answer.outcome, profile); !way.empty())
    text += " Way out: " + way + ".";
  Json location{{"physicalLocation", {{"artifactLocation", {{"uri", "file://" + uri_of(library.file)}}}}},
                {"logicalLocations", Json::array({{{"fullyQualifiedName", valid_utf8(name)}, {"kind", "module"}}})}};
  const std::string id =
      package + "/" + name + "/" + std::string(to_string(profile)) + "/" + std::string(to_string(answer.outcome));
  return {{"ruleId", to_string(answer.outcome)},
          {"level", level_of(answer.outcome)},
          {"message", {{"text", valid_utf8(text)}}},
          {"locations", Json::array({std::move(location)})},
          {"partialFingerprints", {{"ringfence-audit/1", hash_hex(id)}}},
          {"properties", {{"profile", to_string(profile)}}}};
}

Json notification(std::string_view level, const std::string &text) {
  return {{"level", level}, {"message", {{"text", valid_utf8(text)}}}};
}

} // namespace

std::string audit_sarif(const Audit &audit, const std::vector<Profile> &profiles, std::string_view tool_version) {
  Json results = Json::array(), notifications = Json::array();
  for (const AuditedLibrary &library : audit.libraries) {
    if (!library.error.empty())
      notifications.push_back(notification("error", library.file + ": " + library.error));
    for (const BinaryModule &module : library.modules)
      for (const Profile profile : profiles)
        if (const Answer given = answer(module, library.abi, profile); given.outcome != Outcome::loads)
          results.push_back(result(library, module, profile, given));
  }
  for (const std::string &note : audit.notes)
    notifications.push_back(notification("warning", note));
  Json run{{"tool", {{"driver", {{"name", "ringfence"}, {"semanticVersion", tool_version}, {"rules", rules()}}}}},
           {"invocations", Json::array({{{"executionSuccessful", !audit.incomplete()},
                                         {"toolExecutionNotifications", std::move(notifications)}}})},
           {"columnKind", "utf16CodeUnits"},
           {"results", std::move(results)}};
  const Json log{{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                 {"version", "2.1.0"},
                 {"runs", Json::array({std::move(run)})}};
  return escape_json(log.dump(2)) + '\n';
}

} // namespace ringfence
