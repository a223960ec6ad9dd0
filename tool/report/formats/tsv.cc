#include "report/formats/tsv.h"

#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

using Cells = std::vector<std::string>;

std::string tsv_row(const Cells &values) {
  Cells fields;
  for (const std::string &value : values)
    fields.push_back(escape_terminal(value));
  return join(fields, "\t") + "\n";
}

std::string csv_row(const Cells &values) {
  Cells fields;
  for (const std::string &value : values) {
    std::string field = escape_terminal(value);
    if (!field.empty() && std::string_view("=+-@").find(field[0]) != std::string_view::npos)
      field.insert(0, "'");
    if (field.find_first_of(",\"") != std::string::npos) {
      for (std::size_t at = 0; (at = field.find('"', at)) != std::string::npos; at += 2)
        field.insert(at, "\"");
      field = '"' + field + '"';
    }
    fields.push_back(std::move(field));
  }
  return join(fields, ",") + "\r\n";
}

// The header, then the objects, each made a line by `line`.
std::string lines(const Report &report, std::string (*line)(const Cells &)) {
  Cells header = {"id", "file", "line", "column", "name", "function", "type", "storage", "kind", "verdict", "level"};
  for (const Profile profile : report.profiles)
    header.emplace_back(to_string(profile));
  for (const char *name : {"writes", "guard", "holds_objects", "rule", "generated_by", "macro", "origin", "configs",
                           "suppressed", "fingerprint"})
    header.emplace_back(name);
  std::string text = line(header);
  for (const ReportedObject &object : report.objects) {
    Cells values = {object.subject.id(),
                    object.place.file,
                    std::to_string(object.place.line),
                    std::to_string(object.place.column),
                    object.name,
                    object.subject.function,
                    object.type,
                    std::string(to_string(object.storage)),
                    object.kind,
                    object.verdict,
                    std::string(to_string(object.level))};
    for (const Profile profile : report.profiles)
      values.emplace_back(to_string(risk_of(object.risk, profile)));
    values.insert(values.end(), {std::string(to_string(object.writes)), std::string(to_string(object.guard)),
                                 object.holds_objects ? "yes" : "no", object.rule, object.generated_by, object.macro,
                                 std::string(to_string(object.origin)), join(object.configs, ","),
                                 object.suppressed ? object.suppressed->reason : "", object.fingerprint});
    text += line(values);
  }
  return text;
}

} // namespace

std::string to_tsv(const Report &report) { return lines(report, tsv_row); }
std::string to_csv(const Report &report) { return lines(report, csv_row); }

} // namespace ringfence
