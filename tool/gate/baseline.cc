#include "gate/baseline.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_reader.h"
#include "base/printable.h"
#include "base/strict_json.h"
#include "base/text.h"
#include "report/names.h"

namespace ringfence {
namespace {

using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json; // as the fields are written

constexpr std::string_view schema = "ringfence-baseline/1";

struct Field {
  const char *name;
  std::string BaselineRow::*member;
  bool required;
};

// In the order in which they are written.
constexpr Field fields[] = {
    {"subject", &BaselineRow::subject, true},
    {"rule", &BaselineRow::rule, false},
    {"fingerprint", &BaselineRow::fingerprint, false},
    {"verdict", &BaselineRow::verdict, false},
    {"kind", &BaselineRow::kind, false},
    {"type", &BaselineRow::type, false},
    {"members", &BaselineRow::members, false},
    {"reason", &BaselineRow::reason, true},
    {"owner", &BaselineRow::owner, false},
    {"issue", &BaselineRow::issue, false},
    {"expires", &BaselineRow::expires, false},
    {"profile", &BaselineRow::profile, false},
    {"list", &BaselineRow::list, false},
    {"order", &BaselineRow::order, false},
    {"note", &BaselineRow::note, false},
};

constexpr const char *list_section = "list"; // of a line that holds a ListText
constexpr std::pair<const char *, std::string ListText::*> list_fields[] = {
    {"list", &ListText::list}, {"order", &ListText::order}, {"text", &ListText::text}};

// Of what only the program says of a finding, not of what people add: a row whose rule, fingerprint or type was damaged would
// accept, or owe, what nobody has read.
constexpr const char *check_key = "check";
constexpr std::string BaselineRow::*check_covers[] = {
    &BaselineRow::subject, &BaselineRow::rule, &BaselineRow::fingerprint, &BaselineRow::verdict, &BaselineRow::kind,
    &BaselineRow::type,    &BaselineRow::list, &BaselineRow::order,       &BaselineRow::note};

std::string check_of(const BaselineRow &row) {
  std::string text;
  for (const auto member : check_covers)
    text += valid_utf8(row.*member) + '\n';
  return hash_hex(text).substr(0, 8);
}

const char *name_of(Section section) { return section == Section::accepted ? "accepted" : "debt"; }

bool is_date(const std::string &text) {
  constexpr std::string_view form = "dddd-dd-dd";
  if (text.size() != form.size() || !std::equal(text.begin(), text.end(), form.begin(), [](char c, char kind) {
        return kind == 'd' ? is_digit(c) : c == kind;
      }))
    return false;
  const auto number = [&](std::size_t at, std::size_t length) { return std::stoi(text.substr(at, length)); };
  return std::chrono::year_month_day(std::chrono::year(number(0, 4)),
                                     std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                     std::chrono::day(static_cast<unsigned>(number(8, 2))))
      .ok();
}

// Every key is one of these, and every profile one that there is; says the nearest.
Result<void> check_words(const Json &json, const std::vector<std::string> &keys, const std::string &profile) {
  JsonReader reader("the row");
  reader.known_keys(json, "a row", keys);
  std::vector<std::string> profiles;
  profiles.reserve(all_profiles.size());
  for (const Profile each : all_profiles)
    profiles.emplace_back(to_string(each));
  if (!profile.empty())
    reader.one_of(profile, "a profile", profiles);
  return reader.result();
}

Result<BaselineRow> row_from_json(const Json &json) {
  BaselineRow row;
  const auto section = json.find("section");
  if (section == json.end() || (*section != "accepted" && *section != "debt"))
    return fail("\"section\" must be \"accepted\" or \"debt\"");
  row.section = *section == "accepted" ? Section::accepted : Section::debt;
  for (const Field &field : fields) {
    const auto value = json.find(field.name);
    if (value == json.end() && !field.required)
      continue;
    if (value == json.end() || !value->is_string())
      return fail(std::string("\"") + field.name + "\" must be a string");
    row.*field.member = value->get<std::string>();
  }
  if (row.rule.empty() != row.fingerprint.empty())
    return fail(
        "\"rule\" and \"fingerprint\" come together; without both, the row accepts whatever is said of the subject");
  if (!row.expires.empty() && !is_date(row.expires))
    return fail("\"expires\" must be a day as in 2027-01-31, not \"" + row.expires + "\"");
  std::vector<std::string> keys = {"section"};
  for (const Field &field : fields)
    keys.emplace_back(field.name);
  keys.emplace_back(check_key);
  if (const auto known = check_words(json, keys, row.profile); !known)
    return tl::unexpected(known.error());
  if (const auto check = json.find(check_key); check != json.end() && *check != check_of(row))
    return fail(
        "the row was damaged, or changed by hand (its \"check\" is another): leave out \"check\" where the change "
        "is meant");
  return row;
}

Result<ListText> list_text_from_json(const Json &json) {
  ListText text;
  for (const auto &[name, member] : list_fields) {
    const auto value = json.find(name);
    if (value == json.end() || !value->is_string())
      return fail(std::string("\"") + name + "\" must be a string");
    text.*member = value->get<std::string>();
  }
  if (const auto checked = check_words(json, {"section", "list", "order", "text"}, ""); !checked)
    return tl::unexpected(checked.error());
  return text;
}

// What makes two rows the same: the fingerprint and profile; without a fingerprint the subject and the place in a list.
std::array<std::string, 4> key_of(const BaselineRow &row) {
  if (!row.fingerprint.empty())
    return {row.fingerprint, row.profile, "", ""};
  return {row.subject, row.profile, row.list, row.order};
}

Result<Json> object_from_line(std::string_view line) {
  Result<Json> json = parse_json(line);
  if (!json)
    return fail("not a JSON object: " + json.error().message);
  if (!json->is_object())
    return fail("not a JSON object");
  return json;
}

Result<void> check_schema(std::string_view line) {
  const Result<Json> header = object_from_line(line);
  if (header && header->value("schema", Json()) == schema)
    return {};
  return fail("line 1: this is no baseline of this version: expected {\"schema\":\"" + std::string(schema) + "\"}");
}

} // namespace

Result<Baseline> baseline_from_text(std::string_view text) {
  Baseline baseline;
  std::set<std::array<std::string, 4>> seen;
  const auto read_line = [&](std::string_view line) -> Result<void> {
    const Result<Json> json = object_from_line(line);
    if (!json)
      return tl::unexpected(json.error());
    if (json->value("section", Json()) == list_section) {
      const Result<ListText> text_of_list = list_text_from_json(*json);
      if (text_of_list)
        baseline.list_texts.push_back(*text_of_list);
      return text_of_list ? Result<void>() : tl::unexpected(text_of_list.error());
    }
    const Result<BaselineRow> row = row_from_json(*json);
    if (!row)
      return tl::unexpected(row.error());
    if (!seen.insert(key_of(*row)).second)
      return fail((row->fingerprint.empty() ? "the subject " + row->subject : "the fingerprint " + row->fingerprint) +
                  " stands twice; delete one of the rows");
    baseline.rows.push_back(*row);
    return {};
  };
  const std::vector<std::string_view> lines = split(text, '\n');
  if (const auto valid = check_schema(lines[0]); !valid)
    return tl::unexpected(valid.error());
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (!trim(lines[i]).empty())
      if (const auto read = read_line(lines[i]); !read)
        return fail("line " + std::to_string(i + 1) + ": " + read.error().message);
  return baseline;
}

std::string to_text(Baseline baseline) {
  std::sort(baseline.rows.begin(), baseline.rows.end());
  std::sort(baseline.list_texts.begin(), baseline.list_texts.end());
  std::string text = Ordered{{"schema", schema}}.dump() + '\n';
  for (const BaselineRow &row : baseline.rows) {
    Ordered json{{"section", name_of(row.section)}};
    for (const Field &field : fields)
      if (const std::string &value = row.*field.member; field.required || !value.empty())
        json[field.name] = valid_utf8(value);
    if (!row.fingerprint.empty())
      json[check_key] = check_of(row);
    text += escape_json(json.dump()) + '\n';
  }
  for (const ListText &list : baseline.list_texts) {
    Ordered json{{"section", list_section}};
    for (const auto &[name, member] : list_fields)
      json[name] = list.*member;
    text += escape_json(json.dump()) + '\n';
  }
  return text;
}

} // namespace ringfence
