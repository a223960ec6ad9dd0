#include "classify/rules/wording.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace ringfence {
namespace {

constexpr std::string_view module_name = "{module}";

// Those in which the name stands are left out.
std::string without_sentences(const std::string &text, std::string_view name) {
  constexpr std::string_view end = ". ";
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = text.find(end, at);
    const std::size_t next = found == std::string::npos ? text.size() : found + end.size();
    const std::string sentence = text.substr(at, next - at);
    if (sentence.find(name) == std::string::npos)
      kept += sentence;
    at = next;
  }
  return kept.substr(0, kept.find_last_not_of(' ') + 1);
}

} // namespace

Naming naming_of(const Subject &subject, const std::string &name, const std::string &type) {
  return {subject.function.empty() ? subject.name : name, type, subject.function};
}

std::string last_name(const std::string &module) { return module.substr(module.rfind('.') + 1); }

std::string fill(const std::string &whole, const Naming &naming, const std::vector<Evidence> &evidence) {
  const std::string text = naming.module.empty() ? without_sentences(whole, module_name) : whole;
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const std::pair<std::string_view, std::string_view> values[] = {
        {"{name}", naming.name},
        {"{type}", naming.type},
        {"{function}", naming.function},
        {"{ways}", naming.ways},
        {module_name, naming.module},
        {"{because}", evidence.empty() ? std::string_view() : std::string_view(evidence.front().text)}};
    const auto value = std::ranges::find_if(values, [&](const auto &each) { return rest.starts_with(each.first); });
    filled += value == std::end(values) ? rest.substr(0, 1) : value->second;
    at += value == std::end(values) ? 1 : value->first.size();
  }
  return filled;
}

} // namespace ringfence
