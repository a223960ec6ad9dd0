#include "report/tsv.h"

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

std::string row(const std::vector<std::string> &values) {
  std::vector<std::string> fields;
  for (const std::string &value : values)
    fields.push_back(escape_terminal(value));
  return join(fields, "\t") + "\n";
}

} // namespace

std::string to_tsv(const Report &report) {
  std::vector<std::string> header = {"id",   "file",    "line", "column",  "name", "function",
                                     "type", "storage", "kind", "verdict", "level"};
  for (const Profile profile : report.profiles)
    header.emplace_back(to_string(profile));
  for (const char *name :
       {"writes", "guard", "holds_objects", "rule", "generated_by", "macro", "origin", "configs", "fingerprint"})
    header.emplace_back(name);
  std::string text = row(header);
  for (const ReportedObject &object : report.objects) {
    std::vector<std::string> values = {object.id,
                                       object.place.file,
                                       std::to_string(object.place.line),
                                       std::to_string(object.place.column),
                                       object.name,
                                       object.function,
                                       object.type,
                                       object.storage,
                                       object.kind,
                                       object.verdict,
                                       std::string(to_string(object.level))};
    for (const Profile profile : report.profiles)
      values.emplace_back(to_string(risk_of(object.risk, profile)));
    values.insert(values.end(),
                  {object.writes, object.guard, object.holds_objects ? "yes" : "no", object.rule, object.generated_by,
                   object.macro, object.origin, join(object.configs, ","), object.fingerprint});
    text += row(values);
  }
  return text;
}

} // namespace ringfence
