#include "classify/rules/wording.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace ringfence {

Naming naming_of(const Subject &subject, const std::string &name, const std::string &type) {
  return {subject.function.empty() ? subject.name : name, type, subject.function};
}

std::string last_name(const std::string &module) { return module.substr(module.rfind('.') + 1); }

std::string fill(const std::string &text, const Naming &naming, const std::vector<Evidence> &evidence) {
  std::string filled;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const std::pair<std::string_view, std::string_view> values[] = {
        {"{name}", naming.name},
        {"{type}", naming.type},
        {"{function}", naming.function},
        {"{ways}", naming.ways},
        {"{module}", naming.module},
        {"{because}", evidence.empty() ? std::string_view() : std::string_view(evidence.front().text)}};
    const auto value = std::ranges::find_if(values, [&](const auto &each) { return rest.starts_with(each.first); });
    filled += value == std::end(values) ? rest.substr(0, 1) : value->second;
    at += value == std::end(values) ? 1 : value->first.size();
  }
  return filled;
}

} // namespace ringfence
