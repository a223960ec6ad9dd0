#include "report/subject.h"

#include <algorithm>

namespace ringfence {
namespace {

constexpr std::string_view allowance_word = "allow ", call_mark = "()";

// Where the path of an id ends; npos where it has none.
std::size_t path_end(const std::string &id, const std::string &file) {
  if (!file.empty() && id.starts_with(file + ":"))
    return file.size();
  const std::size_t slash = id.rfind('/');
  return id.find(':', slash == std::string::npos ? 0 : slash);
}

// Where the function's name ends in "function():name"; npos where there is none. "f()::Class::name" is a name.
std::size_t function_end(std::string_view scope) {
  for (std::size_t at = scope.find("():"); at != std::string_view::npos; at = scope.find("():", at + 1))
    if (!scope.substr(at + 3).starts_with(':'))
      return at;
  return std::string_view::npos;
}

} // namespace

std::string Subject::in_file() const {
  std::string text;
  if (!function.empty() || kind == SubjectKind::call)
    text += function + "():";
  if (kind == SubjectKind::allowance)
    text += allowance_word;
  text += name;
  if (kind == SubjectKind::function)
    text += call_mark;
  return text;
}

std::string Subject::id() const { return path.empty() ? in_file() : path + ":" + in_file(); }

std::strong_ordering Subject::operator<=>(const Subject &other) const {
  const std::strong_ordering by_id = id() <=> other.id();
  return by_id != 0 ? by_id : kind <=> other.kind;
}

Subject generator_subject(const std::string &generator, const std::string &rule_name) {
  return {SubjectKind::generator, "", "", "<" + generator + ">/" + rule_name};
}

Subject subject_parts(const std::string &id, const std::string &file) {
  const std::size_t colon = path_end(id, file);
  if (colon == std::string::npos)
    return {id.starts_with('<') ? SubjectKind::generator : SubjectKind::unit, "", "", id};
  const std::string path = id.substr(0, colon), scope = id.substr(colon + 1);
  if (scope.starts_with(allowance_word))
    return {SubjectKind::allowance, path, "", scope.substr(allowance_word.size())};
  if (const std::size_t end = function_end(scope); end != std::string::npos)
    return {end == 0 ? SubjectKind::call : SubjectKind::object, path, scope.substr(0, end), scope.substr(end + 3)};
  if (scope.ends_with(call_mark))
    return {SubjectKind::function, path, "", scope.substr(0, scope.size() - call_mark.size())};
  return {SubjectKind::object, path, "", scope};
}

} // namespace ringfence
