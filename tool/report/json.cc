#include "report/json.h"

#include <concepts>
#include <limits>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "report/names.h"

// Each struct's fields are listed once, in `fields`; Writer and Reader walk the same list.

namespace ringfence {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view schema_name = "ringfence-report/1";

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// A string that is null in JSON where it is empty.
template <class String> struct Nullable { String &value; };
template <class String> Nullable(String &) -> Nullable<String>;

void fields(auto &f, Is<Place> auto &place) {
  f("file", place.file);
  f("line", place.line);
  f("column", place.column);
}

void fields(auto &f, Is<Evidence> auto &evidence) {
  fields(f, evidence.place);
  f("function", Nullable{evidence.function});
  f("text", evidence.text);
}

void fields(auto &f, Is<Suppression> auto &suppression) {
  f("reason", suppression.reason);
  fields(f, suppression.place);
}

void fields(auto &f, Is<ReportedDiagnostic> auto &diagnostic) {
  f("severity", diagnostic.severity);
  f("message", diagnostic.message);
  fields(f, diagnostic.place);
}

void fields(auto &f, Is<ReportedUnit> auto &unit) {
  f("file", unit.file);
  f("config", Nullable{unit.config});
  f("status", unit.status);
  f("origin", unit.origin);
  f("diagnostics", unit.diagnostics);
}

void fields(auto &f, Is<ReportedObject> auto &object) {
  f("id", object.id);
  f("name", object.name);
  f("function", Nullable{object.function});
  fields(f, object.place);
  f("type", object.type);
  f("storage", object.storage);
  f("thread_local", object.thread_local_storage);
  f("generated_by", Nullable{object.generated_by});
  f("macro", Nullable{object.macro});
  f("origin", Nullable{object.origin});
  f("module", Nullable{object.module});
  f("configs", object.configs);
  f("kind", object.kind);
  f("verdict", object.verdict);
  f("level", object.level);
  f("risk", object.risk);
  f("risk_note", Nullable{object.risk_note});
  f("holds_objects", object.holds_objects);
  f.group("writes", [&](auto &g) {
    g("class", object.writes);
    g("sites", object.write_sites);
  });
  f("guard", object.guard);
  f("rule", object.rule);
  f("advice", object.advice);
  f("evidence", object.evidence);
  f("observed", object.observed);
  f("suppressed", object.suppressed);
  f("fingerprint", object.fingerprint);
}

void fields(auto &f, Is<ReportedModule::Verification> auto &verification) {
  f("verdict", verification.verdict);
  f("refuted_by", verification.refuted_by);
}

void fields(auto &f, Is<ReportedModule> auto &module) {
  f("name", module.name);
  fields(f, module.place);
  f("init", module.init);
  f("state_size", module.state_size);
  f("binding", Nullable{module.binding});
  f("claims", module.claims);
  f("verified", module.verified);
}

void fields(auto &f, Is<ReportedType> auto &type) {
  f("id", type.id);
  f("name", type.name);
  f("static", type.is_static);
  fields(f, type.place);
}

void fields(auto &f, Is<Finding> auto &finding) {
  f("rule", finding.rule);
  f("subject", finding.subject);
  fields(f, finding.place);
  f("message", finding.message);
  f("advice", finding.advice);
  f("risk", finding.risk);
  f("evidence", finding.evidence);
  f("suppressed", finding.suppressed);
  f("fingerprint", finding.fingerprint);
}

void fields(auto &f, Is<ReportedInactive> auto &inactive) {
  fields(f, inactive.place);
  f("condition", inactive.condition);
  f("name", inactive.name);
}

void fields(auto &f, Is<Accounting> auto &sums) {
  f("units", sums.units);
  f("units_by_status", sums.units_by_status);
  f("objects", sums.objects);
  f("objects_by_verdict", sums.objects_by_verdict);
  f("findings", sums.findings);
  f("findings_by_rule", sums.findings_by_rule);
  f("suppressed", sums.suppressed);
  f("uncovered", sums.uncovered);
}

// The top level; `tool` and `accounting` are objects, the lists come one entry per line.
void fields(auto &f, Is<Report> auto &report) {
  f("root", report.root);
  f("profiles", report.profiles);
  f("units", report.units);
  f("objects", report.objects);
  f("modules", report.modules);
  f("types", report.types);
  f("findings", report.findings);
  f("inactive", report.inactive);
  f("notes", report.notes);
  f("accounting", report.accounting);
}

template <class T>
concept Named = Is<T, Profile> || Is<T, Risk> || Is<T, Level>;

// ---- out -----------------------------------------------------------------------------------------------------------

struct Writer {
  const std::vector<Profile> &profiles;
  Json out = Json::object();

  void operator()(const char *name, const auto &value) { out[name] = encode(value); }
  void group(const char *name, auto &&members) {
    Writer inner{profiles};
    members(inner);
    out[name] = std::move(inner.out);
  }

  Json encode(const std::string &value) const { return valid_utf8(value); }
  template <class S> Json encode(const Nullable<S> &text) const {
    return text.value.empty() ? Json() : encode(text.value);
  }
  template <class T>
  requires std::integral<T> Json encode(const T &value)
  const { return value; }
  Json encode(const Named auto &value) const { return to_string(value); }
  Json encode(const Risks &risks) const {
    Json object = Json::object();
    for (const Profile profile : profiles)
      object[std::string(to_string(profile))] = to_string(risk_of(risks, profile));
    return object;
  }
  template <class T> Json encode(const std::optional<T> &value) const { return value ? encode(*value) : Json(); }
  template <class T> Json encode(const std::vector<T> &list) const {
    Json array = Json::array();
    for (const T &entry : list)
      array.push_back(encode(entry));
    return array;
  }
  template <class T> Json encode(const std::map<std::string, T> &map) const {
    Json object = Json::object();
    for (const auto &[key, value] : map)
      object[valid_utf8(key)] = encode(value);
    return object;
  }
  template <class T>
  requires requires(Writer &f, const T &value) { fields(f, value); }
  Json encode(const T &value) const {
    Writer inner{profiles};
    fields(inner, value);
    return std::move(inner.out);
  }
};

// Writes the top level: a list with one entry per line, an object with one member per line, anything else in place.
struct Lines {
  const std::vector<Profile> &profiles;
  std::string text = "{";
  bool first = true;

  void operator()(const char *name, const auto &value) {
    separate(2);
    text += quoted(name) + ": ";
    write(value);
  }

  void finish() { text += "\n}\n"; }

private:
  static std::string quoted(const std::string &value) { return Json(value).dump(); }
  void separate(int depth) {
    if (!first)
      text += ',';
    first = false;
    text += '\n';
    text.append(static_cast<std::size_t>(depth), ' ');
  }
  void close(char bracket, bool empty) {
    text += empty ? "" : "\n  ";
    text += bracket;
    first = false;
  }
  template <class T> void write(const std::vector<T> &list) {
    text += '[';
    first = true;
    for (const T &entry : list) {
      separate(4);
      text += Writer{profiles}.encode(entry).dump();
    }
    close(']', list.empty());
  }
  void write(const std::vector<Profile> &list) { text += Writer{profiles}.encode(list).dump(); }
  void write(const std::string &value) { text += quoted(valid_utf8(value)); }
  void write(const Json &members) {
    text += '{';
    first = true;
    for (const auto &[key, value] : members.items()) {
      separate(4);
      text += quoted(key) + ": " + value.dump();
    }
    close('}', members.empty());
  }
  void write(const Accounting &sums) {
    Json members = Writer{profiles}.encode(sums);
    members["incomplete"] = sums.incomplete();
    write(members);
  }
};

// ---- in ------------------------------------------------------------------------------------------------------------

// Reads what Writer wrote; after the first error it reads nothing more.
struct Reader {
  const Json &in;
  std::string where; // path of `in` in the document, for the message
  std::string &error;

  void operator()(const char *name, auto &&value) {
    if (!error.empty())
      return;
    if (!in.is_object())
      return wrong(where, "an object");
    const auto at = in.find(name);
    if (at == in.end())
      error = path(name) + ": missing";
    else
      decode(*at, path(name), value);
  }
  void group(const char *name, auto &&members) {
    static const Json nothing;
    const auto at = in.is_object() ? in.find(name) : in.end();
    Reader inner{at == in.end() ? nothing : *at, path(name), error};
    members(inner);
  }

private:
  std::string path(std::string_view name) const {
    return where.empty() ? std::string(name) : where + "." + std::string(name);
  }
  void wrong(const std::string &at, const char *expected) { error = at + ": expected " + expected; }

  void decode(const Json &value, const std::string &at, std::string &out) {
    if (!value.is_string())
      return wrong(at, "a string");
    out = value.get_ref<const std::string &>();
  }
  template <class S> void decode(const Json &value, const std::string &at, Nullable<S> &text) {
    if (value.is_null())
      text.value.clear();
    else
      decode(value, at, text.value);
  }
  void decode(const Json &value, const std::string &at, bool &out) {
    if (!value.is_boolean())
      return wrong(at, "true or false");
    out = value.get<bool>();
  }
  template <std::unsigned_integral T> void decode(const Json &value, const std::string &at, T &out) {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<T>::max())
      return wrong(at, "a non-negative integer");
    out = value.get<T>();
  }
  void decode(const Json &value, const std::string &at, long long &out) {
    if (!value.is_number_integer())
      return wrong(at, "an integer");
    out = value.get<long long>();
  }
  static std::optional<Profile> named(const std::string &name, Profile) { return profile_from(name); }
  static std::optional<Risk> named(const std::string &name, Risk) { return risk_from(name); }
  static std::optional<Level> named(const std::string &name, Level) { return level_from(name); }
  void decode(const Json &value, const std::string &at, Named auto &out) {
    const auto found = value.is_string() ? named(value.get_ref<const std::string &>(), out) : std::nullopt;
    if (!found)
      return wrong(at, "one of the names that the schema lists");
    out = *found;
  }
  void decode(const Json &value, const std::string &at, Risks &out) {
    std::map<std::string, Risk> risks;
    decode(value, at, risks);
    for (const auto &[name, risk] : risks) {
      const auto profile = profile_from(name);
      if (!profile)
        return wrong(at, "names of profiles");
      out[static_cast<std::size_t>(*profile)] = risk;
    }
  }
  template <class T> void decode(const Json &value, const std::string &at, std::optional<T> &out) {
    if (value.is_null())
      out.reset();
    else
      decode(value, at, out.emplace());
  }
  template <class T> void decode(const Json &value, const std::string &at, std::vector<T> &out) {
    if (!value.is_array())
      return wrong(at, "a list");
    out.reserve(value.size());
    for (std::size_t i = 0; i < value.size() && error.empty(); ++i)
      decode(value[i], at + "[" + std::to_string(i) + "]", out.emplace_back());
  }
  template <class T> void decode(const Json &value, const std::string &at, std::map<std::string, T> &out) {
    if (!value.is_object())
      return wrong(at, "an object");
    for (const auto &[key, entry] : value.items())
      if (error.empty())
        decode(entry, at + "." + key, out[key]);
  }
  template <class T>
  requires requires(Reader &f, T &value) { fields(f, value); }
  void decode(const Json &value, const std::string &at, T &out) {
    Reader inner{value, at, error};
    fields(inner, out);
  }
};

// Deep nesting would overflow the stack of whoever walks the document; version 1 needs eight levels.
bool shallow(int depth, Json::parse_event_t, Json &) { return depth <= 16; }

} // namespace

std::string to_json(const Report &report) {
  Lines lines{report.profiles};
  lines("schema", std::string(schema_name));
  lines("tool", Json{{"name", "ringfence"},
                     {"version", valid_utf8(report.tool_version)},
                     {"clang", valid_utf8(report.clang_version)}});
  fields(lines, report);
  lines.finish();
  return std::move(lines.text);
}

Result<Report> report_from_json(std::string_view text) {
  const Json document = Json::parse(text, shallow, false);
  if (document.is_discarded() || !document.is_object())
    return fail("the report is not valid JSON");
  const auto schema = document.find("schema");
  if (schema == document.end() || *schema != schema_name)
    return fail("the report is not of the version that this program reads (" + std::string(schema_name) + ")");
  Report report;
  std::string error;
  Reader reader{document, "", error};
  reader.group("tool", [&](auto &tool) {
    tool("version", report.tool_version);
    tool("clang", report.clang_version);
  });
  fields(reader, report);
  if (!error.empty())
    return fail("the report cannot be read: " + error);
  return report;
}

} // namespace ringfence
