#include "report/json_read.h"
#include "report/json_write.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/spelling.h"
#include "base/strict_json.h"
#include "report/json_fields.h"
#include "report/names.h"
#include "report/problem.h"

namespace ringfence {
namespace {

using Json = nlohmann::json;

// Reads what to_json() wrote; after the first error it reads nothing more.
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
  // Of reports that older programs wrote, it may be missing.
  void optional(const char *name, auto &&value) {
    if (error.empty() && in.is_object() && in.contains(name))
      (*this)(name, std::forward<decltype(value)>(value));
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
  // The whole id; it is taken apart when the place is known, too.
  void decode(const Json &value, const std::string &at, Subject &out) { decode(value, at, out.name); }
  template <class T> void decode(const Json &value, const std::string &at, Nullable<T> &nullable) {
    if (value.is_null())
      nullable.value = {};
    else
      decode(value, at, nullable.value);
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
  template <Named Enum> void decode(const Json &value, const std::string &at, Enum &out) {
    const std::string word = value.is_string() ? value.get<std::string>() : "";
    if (const auto found = from_word<Enum>(word))
      out = *found;
    else
      error = at + ": \"" + word + "\" is none of its words; did you mean \"" +
              nearest_spelling(word, spellings<Enum>()) + "\"?";
  }
  void decode(const Json &value, const std::string &at, Risks &out) {
    std::map<std::string, Risk> risks;
    decode(value, at, risks);
    for (const auto &[name, risk] : risks) {
      const auto profile = from_word<Profile>(name);
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
    if constexpr (requires { out.subject.path; })
      out.subject = subject_parts(out.subject.name, out.place.file);
  }
};

// Version 1 lists the verdict of each object at risk among the findings too, with the object's message.
void take_verdicts(Report &report) {
  std::map<std::string_view, const Finding *> verdicts;
  for (const Finding &finding : report.findings)
    verdicts.emplace(finding.fingerprint, &finding);
  std::set<std::string_view> taken;
  for (ReportedObject &object : report.objects) {
    const auto verdict = verdicts.find(object.fingerprint);
    if (verdict != verdicts.end())
      object.message = verdict->second->message;
    object.collapsed = verdict == verdicts.end() && is_at_risk(object, report.profiles);
    taken.insert(object.fingerprint);
  }
  std::erase_if(report.findings, [&](const Finding &finding) { return taken.contains(finding.fingerprint); });
}

// An id does not tell whether it is a variable's, a module's, a type's or a call's; the other lists do.
void find_kinds(Report &report) {
  std::map<std::string, SubjectKind> kinds;
  for (const ReportedType &type : report.types)
    kinds.emplace(type.id, SubjectKind::type);
  for (const ReportedObject &object : report.objects)
    kinds.insert_or_assign(object.subject.id(), SubjectKind::object);
  for (const ReportedModule &module : report.modules)
    kinds.insert_or_assign(module.subject().id(), SubjectKind::module);
  for (Finding &finding : report.findings)
    if (const auto known = kinds.find(finding.subject.id()); known != kinds.end())
      finding.subject.kind = known->second;
    else if (!finding.subject.function.empty())
      finding.subject.kind = SubjectKind::call;
}

// That nothing was cut out, doubled, moved or changed before the digest. Reports of older programs carry none.
Result<void> check_digest(const Json &document, std::string_view text) {
  const auto digest = document.find("digest");
  if (digest == document.end())
    return {};
  const std::size_t end = text.rfind(",\n  \"digest\":");
  if (end != text.npos && *digest == hash_hex(text.substr(0, end)))
    return {};
  return fail(
      "the report was changed after it was written (its digest is another): write it again with `ringfence scan "
      "--format json`, or leave out \"digest\" where the change is meant");
}

} // namespace

Result<Report> report_from_json(std::string_view text) {
  const Result<Json> document = parse_json(text);
  if (!document)
    return fail("the report cannot be read: " + document.error().message);
  const auto schema = document->is_object() ? document->find("schema") : document->end();
  if (schema == document->end() || *schema != report_schema)
    return fail("the report is not of the version that this program reads (" + std::string(report_schema) + ")");
  if (const auto whole = check_digest(*document, text); !whole)
    return tl::unexpected(whole.error());
  Report report;
  std::string error;
  Reader reader{*document, "", error};
  reader.group("tool", [&](auto &tool) {
    tool("version", report.tool_version);
    tool("clang", report.clang_version);
  });
  fields(reader, report);
  if (!error.empty())
    return fail("the report cannot be read: " + error);
  std::vector<Profile> profiles = report.profiles;
  std::sort(profiles.begin(), profiles.end());
  if (std::adjacent_find(profiles.begin(), profiles.end()) != profiles.end())
    return fail("the report cannot be read: profiles: one stands twice");
  take_verdicts(report);
  find_kinds(report);
  return report;
}

} // namespace ringfence
